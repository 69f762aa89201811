"""Messages that a source has gone quiet.

In a table of their own: a process of the build before would tell those among the announcements
as if a token ended.
"""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE routing.silences (
            id uuid PRIMARY KEY,
            source text NOT NULL,
            source_kind text NOT NULL,
            last_at timestamptz NOT NULL,
            usual interval,
            recipient text NOT NULL,
            team text NOT NULL,
            channel text NOT NULL,
            address text NOT NULL,
            planned_at timestamptz NOT NULL,
            state text NOT NULL DEFAULT 'planned'
                CHECK (state IN ('planned', 'sending', 'sent', 'failed', 'unknown')),
            attempts integer NOT NULL DEFAULT 0,
            claim uuid,
            deadline timestamptz,
            begun boolean NOT NULL DEFAULT false,
            next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            error text
        )
    """)
    op.execute("""
        CREATE INDEX silences_due ON routing.silences (next_at)
        WHERE state IN ('planned', 'sending')
    """)
    op.execute("""
        CREATE TABLE routing.heard_again (
            source text PRIMARY KEY,
            last_at timestamptz NOT NULL
        )
    """)
    op.execute("""
        COMMENT ON COLUMN routing.heard_again.last_at IS
        'The last arrival before the newest silence that is over.'
    """)
