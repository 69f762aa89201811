"""What chats are answered by themselves, and how each source takes it."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE capture.reply_sources (
            kind text NOT NULL,
            source text NOT NULL,
            next_at timestamptz NOT NULL,
            PRIMARY KEY (kind, source)
        )
    """)
    op.execute("""
        CREATE TABLE capture.replies (
            conversation uuid PRIMARY KEY,
            kind text NOT NULL,
            source text NOT NULL,
            heard_at timestamptz NOT NULL,
            state text NOT NULL DEFAULT 'heard',
            submission_id uuid,
            address jsonb,
            language text,
            due_at timestamptz,
            late_at timestamptz,
            tries int NOT NULL DEFAULT 0,
            claim uuid,
            begun_at timestamptz,
            is_yielded boolean NOT NULL DEFAULT false
        )
    """)
    op.execute("""
        CREATE INDEX replies_due ON capture.replies (kind, source, due_at)
            WHERE state = 'due'
    """)
    op.execute("""
        CREATE INDEX replies_owed ON capture.replies (submission_id)
            WHERE state IN ('due', 'begun')
    """)
    op.execute("CREATE INDEX replies_heard_at ON capture.replies (heard_at)")
