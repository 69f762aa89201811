"""Names of senders, asked for beside what they sent: the books do not wait for them."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE capture.fetches
            ADD COLUMN beside boolean NOT NULL DEFAULT false,
            ADD COLUMN stranger uuid
    """)
    op.execute("""
        CREATE INDEX fetches_stranger ON capture.fetches (stranger, noted_at)
            WHERE stranger IS NOT NULL
    """)
    op.execute("""
        CREATE OR REPLACE VIEW capture.ledger AS
            SELECT submission_id, 'hydrating' AS state, noted_at AS at
            FROM capture.fetches WHERE done_at IS NULL AND NOT held AND NOT beside
    """)
