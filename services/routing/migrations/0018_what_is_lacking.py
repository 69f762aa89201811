"""What a platform says is missing where a source stands still; of those before this the token."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("ALTER TABLE routing.standstills ADD lacks text NOT NULL DEFAULT ''")
