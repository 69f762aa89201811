"""When what is a submission of its own was sent: the same content soon after is its repeat."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("ALTER TABLE enrichment.apart ADD COLUMN moment timestamptz")
    op.execute("CREATE INDEX apart_moments ON enrichment.apart (conversation, moment)")
    op.execute("DROP INDEX enrichment.apart_conversation")
