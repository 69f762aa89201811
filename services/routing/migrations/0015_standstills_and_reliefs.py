"""Messages that a source's token is refused, and that a silent source was heard again.

In tables of their own, as a process of the build before knows nothing of them. Of silences that
were over before this nobody hears.
"""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE routing.standstills (
            id uuid PRIMARY KEY,
            source text NOT NULL,
            source_kind text NOT NULL,
            reason text NOT NULL,
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
        CREATE INDEX standstills_due ON routing.standstills (next_at)
        WHERE state IN ('planned', 'sending')
    """)
    op.execute("""
        CREATE TABLE routing.resumed (
            source text PRIMARY KEY,
            at timestamptz NOT NULL
        )
    """)
    op.execute("ALTER TABLE routing.silences ADD heard_at timestamptz")
    op.execute("""
        COMMENT ON COLUMN routing.silences.heard_at IS
        'When it was heard again, of those whose end was read after them.'
    """)
    op.execute("CREATE INDEX silences_over ON routing.silences (id) WHERE heard_at IS NOT NULL")
    op.execute("""
        CREATE TABLE routing.reliefs (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            silence_id uuid NOT NULL UNIQUE REFERENCES routing.silences,
            channel text NOT NULL,
            address text NOT NULL,
            planned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
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
        CREATE INDEX reliefs_due ON routing.reliefs (next_at)
        WHERE state IN ('planned', 'sending')
    """)
