"""Later messages of a conversation are arrivals of their source too, though of one submission."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX timeline_messages ON desk.timeline ((data ->> 'source'), at)
        WHERE kind = 'resent' AND data ? 'message'
    """)
    op.execute("""
        CREATE VIEW desk.arrivals AS
            SELECT source, received_at, kind, state, reason FROM desk.submissions
            UNION ALL
            SELECT data ->> 'source', at, 'chat', 'heard', NULL FROM desk.timeline
            WHERE kind = 'resent' AND data ? 'message'
    """)
