"""Until when a source is left in peace: its platform has asked for that, or refuses our token."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE desk.pauses
            DROP CONSTRAINT pauses_kind_check,
            ADD CONSTRAINT pauses_kind_check CHECK (kind IN ('source', 'specialist', 'wait'))
    """)
