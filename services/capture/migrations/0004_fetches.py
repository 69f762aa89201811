"""What platforms sent by id only and is to be fetched, and how each of them takes it."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE capture.fetch_sources (
            kind text NOT NULL,
            source text NOT NULL,
            next_at timestamptz NOT NULL,
            failures int NOT NULL DEFAULT 0,
            reason text,
            failed_at timestamptz,
            credentials text NOT NULL DEFAULT '',
            changes bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (kind, source)
        )
    """)
    op.execute("""
        CREATE TABLE capture.fetches (
            submission_id uuid PRIMARY KEY,
            kind text NOT NULL,
            source text NOT NULL,
            item text NOT NULL,
            captured jsonb,
            noted_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            readable_until timestamptz NOT NULL,
            tries int NOT NULL DEFAULT 0,
            missing int NOT NULL DEFAULT 0,
            error text,
            claim uuid,
            claimed_until timestamptz,
            done_at timestamptz
        )
    """)
    op.execute("""
        CREATE INDEX fetches_due ON capture.fetches (kind, source, due_at, submission_id)
            WHERE done_at IS NULL
    """)
    op.execute("""
        CREATE INDEX fetches_readable_until ON capture.fetches (readable_until)
            WHERE done_at IS NULL
    """)
    op.execute("""
        CREATE VIEW capture.ledger AS
            SELECT submission_id, 'hydrating' AS state, noted_at AS at
            FROM capture.fetches WHERE done_at IS NULL
    """)
