"""Resends are lines of the story; this finds those of a lead, and leads by what they brought."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX timeline_resent ON desk.timeline (submission_id)
        WHERE kind = 'resent'
    """)
