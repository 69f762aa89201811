"""Messages that are submissions of their own, though accepted under their conversation's id."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE enrichment.apart (
            submission_id uuid PRIMARY KEY,
            conversation uuid NOT NULL,
            at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX apart_conversation ON enrichment.apart (conversation)")
