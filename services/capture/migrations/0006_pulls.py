"""What came by call and what by list, and how far each list of a platform was compared."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE capture.calls (
            spool uuid NOT NULL,
            sequence bigint NOT NULL,
            submission_id uuid NOT NULL,
            kind text NOT NULL,
            source text NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (spool, sequence)
        )
    """)
    op.execute("CREATE INDEX calls_submission ON capture.calls (submission_id)")
    op.execute("CREATE INDEX calls_source ON capture.calls (kind, source, at)")
    op.execute("""
        CREATE TABLE capture.listed (
            submission_id uuid PRIMARY KEY,
            kind text NOT NULL,
            source text NOT NULL,
            at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX listed_at ON capture.listed (at)")
    op.execute("""
        CREATE TABLE capture.pulls (
            kind text NOT NULL,
            source text NOT NULL,
            place text NOT NULL,
            due_at timestamptz NOT NULL,
            number bigint NOT NULL DEFAULT 0,
            named bigint NOT NULL DEFAULT 0,
            newest timestamptz,
            floor timestamptz,
            since timestamptz,
            todo text[] NOT NULL DEFAULT '{}',
            pages int NOT NULL DEFAULT 0,
            reached timestamptz,
            compared int NOT NULL DEFAULT 0,
            failures int NOT NULL DEFAULT 0,
            trouble text,
            done_at timestamptz,
            claim uuid,
            claimed_until timestamptz,
            PRIMARY KEY (kind, source, place)
        )
    """)
