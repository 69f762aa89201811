"""A message that became a submission of its own is one arrival, not one more as a touch."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("""
        CREATE OR REPLACE VIEW desk.arrivals AS
            SELECT source, received_at, kind, state, reason FROM desk.submissions
            UNION ALL
            SELECT t.data ->> 'source', t.at, 'chat', 'heard', NULL FROM desk.timeline t
            WHERE t.kind = 'resent' AND t.data ? 'message' AND NOT EXISTS (
                SELECT FROM desk.submissions s WHERE s.id = CASE
                    WHEN t.data ->> 'message' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                    THEN CAST(t.data ->> 'message' AS uuid) END)
    """)
