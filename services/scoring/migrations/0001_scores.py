"""What happened to each person, the score that follows, and the submissions scored."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE scoring.persons (
            person_id uuid PRIMARY KEY,
            version bigint NOT NULL DEFAULT 0,
            score jsonb,
            stage text NOT NULL DEFAULT 'iql',
            temperature text NOT NULL DEFAULT 'cold',
            config_version int NOT NULL DEFAULT 0,
            joined_into uuid REFERENCES scoring.persons,
            changed_at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("""
        CREATE TABLE scoring.facts (
            fact_id text PRIMARY KEY,
            person_id uuid NOT NULL REFERENCES scoring.persons,
            kind text NOT NULL CHECK (kind IN ('submission', 'activity', 'visit', 'staff')),
            at timestamptz NOT NULL,
            fields jsonb NOT NULL
        )
    """)
    op.execute("CREATE INDEX ON scoring.facts (person_id, (kind = 'visit'), at DESC)")
    op.execute("""
        CREATE TABLE scoring.submissions (
            submission_id uuid PRIMARY KEY,
            person_id uuid NOT NULL,
            at timestamptz NOT NULL DEFAULT now()
        )
    """)
    op.execute("CREATE INDEX ON scoring.submissions (person_id)")
    op.execute("""
        CREATE VIEW scoring.ledger AS
        SELECT s.submission_id, 'scored'::text AS state, s.at FROM scoring.submissions s
        WHERE EXISTS (SELECT FROM scoring.persons p WHERE p.person_id = s.person_id)
          AND EXISTS (SELECT FROM scoring.facts f WHERE f.fact_id = s.submission_id::text)
    """)
