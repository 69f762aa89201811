"""Of which record of its platform a submission is: forms of one contact are taken back with it."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE capture.fetches
            ADD COLUMN record uuid,
            ADD COLUMN happened_at timestamptz,
            ADD COLUMN told text
    """)
    op.execute("""
        CREATE INDEX fetches_record ON capture.fetches (record) WHERE record IS NOT NULL
    """)
