"""The loop's own tables, made in every service's schema (the search path names it)."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE journal (
            event_id uuid NOT NULL,
            day date NOT NULL,
            outcome text NOT NULL,
            round int NOT NULL DEFAULT 0,
            answers bytea,
            published_at timestamptz,
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            PRIMARY KEY (event_id, day)
        ) PARTITION BY RANGE (day)
    """)
    op.execute("CREATE TABLE journal_default PARTITION OF journal DEFAULT")
    op.execute("CREATE INDEX journal_unpublished ON journal (at) WHERE published_at IS NULL")
    op.execute("""
        CREATE TABLE positions (
            topic text NOT NULL,
            part int NOT NULL,
            next bigint NOT NULL,
            PRIMARY KEY (topic, part)
        )
    """)
    op.execute("""
        CREATE TABLE attempts (
            event_id uuid PRIMARY KEY,
            count int NOT NULL,
            at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
    """)
    op.execute("""
        CREATE TABLE timers (
            id uuid PRIMARY KEY,
            due_at timestamptz NOT NULL,
            record bytea NOT NULL
        )
    """)
    op.execute("CREATE INDEX timers_due ON timers (due_at)")
