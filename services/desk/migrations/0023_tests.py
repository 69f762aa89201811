"""What came as a test stays one when it dies, and when it is sent again: no word of its source.

By what it says itself; one that became a lead all the same counts. Of those that died before this
nothing is known.
"""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("ALTER TABLE desk.submissions ADD is_test boolean NOT NULL DEFAULT false")
    op.execute("""
        UPDATE desk.submissions SET is_test = true WHERE state = 'received' AND reason = 'test'
    """)
    op.execute("""
        CREATE OR REPLACE VIEW desk.arrivals AS
            SELECT source, received_at, kind, state, reason,
                   state = 'test' OR (is_test AND state IN ('received', 'hydrating', 'dead'))
                       AS is_test
            FROM desk.submissions
            UNION ALL
            SELECT t.data ->> 'source', t.at, 'chat', 'heard', NULL, false FROM desk.timeline t
            WHERE t.kind = 'resent' AND t.data ? 'message' AND NOT EXISTS (
                SELECT FROM desk.submissions s WHERE s.id = CASE
                    WHEN t.data ->> 'message' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                    THEN CAST(t.data ->> 'message' AS uuid) END)
    """)
