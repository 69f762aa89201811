"""Since when a message is being refused: what was tried late is not given up early."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE routing.notifications ADD first_refused_at timestamptz")
