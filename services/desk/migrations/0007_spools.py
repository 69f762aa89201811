"""Every process of the desk has a spool of its own, so there are several."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("ALTER TABLE desk.spools DROP COLUMN is_only")
    op.execute("DELETE FROM desk.spools WHERE high = 0")
