"""When it happened by the sender's clock stands beside when we received it, not in its place."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE desk.submissions ADD COLUMN occurred_at timestamptz")
    op.execute("ALTER TABLE desk.quarantine ADD COLUMN occurred_at timestamptz")
