"""Where a key's submission lies in the spools, so that a repeat hears how safe it is now."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE capture.keys
            ADD COLUMN replicated boolean NOT NULL DEFAULT false,
            ADD COLUMN spool uuid,
            ADD COLUMN sequence bigint NOT NULL DEFAULT 0
    """)
