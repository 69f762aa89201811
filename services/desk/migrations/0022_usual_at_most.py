"""A silence is told with how long a pause at such hours usually lasts at most."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.execute("ALTER TABLE desk.silences ADD COLUMN usual_at_most interval")
    op.execute("""
        COMMENT ON COLUMN desk.silences.usual_at_most IS
        'Of the silence that was told: how long a pause that begins then usually lasts at most.'
    """)
