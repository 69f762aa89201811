"""By what else a conversation may be named: an echo need not name it as its messages do."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("ALTER TABLE capture.replies ADD COLUMN known_as uuid[] NOT NULL DEFAULT '{}'")
