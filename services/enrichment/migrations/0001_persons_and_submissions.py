"""Submissions, whose they are, and what is held."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE enrichment.persons (
            id uuid PRIMARY KEY,
            opened_at timestamptz NOT NULL,
            profile jsonb NOT NULL,
            version bigint NOT NULL DEFAULT 1,
            joined_into uuid,
            changed_at timestamptz NOT NULL
        )
    """)
    op.execute("""
        CREATE INDEX persons_joined_into ON enrichment.persons (joined_into)
            WHERE joined_into IS NOT NULL
    """)
    op.execute("""
        CREATE TABLE enrichment.identifiers (
            kind text COLLATE "C" NOT NULL,
            value text COLLATE "C" NOT NULL,
            person_id uuid,
            claimed_at timestamptz,
            PRIMARY KEY (kind, value)
        )
    """)
    op.execute("""
        CREATE INDEX identifiers_person ON enrichment.identifiers (person_id, kind, value)
    """)
    op.execute("""
        CREATE TABLE enrichment.submissions (
            id uuid PRIMARY KEY,
            round integer NOT NULL,
            revision integer NOT NULL,
            event_id uuid NOT NULL,
            digest text NOT NULL,
            outcome text NOT NULL CHECK (outcome IN ('enriched', 'hydrating', 'activity',
                'quarantined', 'test', 'discarded', 'erased')),
            reason text,
            person_id uuid,
            source text NOT NULL,
            kind text NOT NULL,
            received_at timestamptz NOT NULL,
            changed_at timestamptz NOT NULL,
            captured jsonb NOT NULL,
            contact jsonb NOT NULL,
            verified jsonb NOT NULL,
            notes jsonb NOT NULL,
            raw bytea NOT NULL,
            content_type text NOT NULL,
            config_version integer NOT NULL
        )
    """)
    op.execute("""
        CREATE INDEX submissions_person ON enrichment.submissions (person_id)
    """)
    op.execute("""
        CREATE TABLE enrichment.receipts (
            spool uuid NOT NULL,
            sequence bigint NOT NULL,
            submission_id uuid,
            PRIMARY KEY (spool, sequence)
        )
    """)
    op.execute("""
        CREATE INDEX receipts_submission ON enrichment.receipts (submission_id)
    """)
    op.execute("""
        CREATE TABLE enrichment.touches (
            id uuid PRIMARY KEY,
            submission_id uuid NOT NULL,
            person_id uuid NOT NULL,
            kind text NOT NULL,
            source text NOT NULL,
            page text,
            at timestamptz NOT NULL,
            attribution jsonb NOT NULL
        )
    """)
    op.execute("""
        CREATE INDEX touches_person ON enrichment.touches (person_id, at)
    """)
    op.execute("""
        CREATE TABLE enrichment.resends (
            event_id uuid PRIMARY KEY,
            submission_id uuid NOT NULL,
            conflict boolean NOT NULL,
            digest text NOT NULL,
            received_at timestamptz NOT NULL,
            captured jsonb NOT NULL,
            raw bytea NOT NULL
        )
    """)
    op.execute("""
        CREATE INDEX resends_submission ON enrichment.resends (submission_id)
    """)
    op.execute("""
        CREATE TABLE enrichment.candidates (
            person_a uuid NOT NULL,
            person_b uuid NOT NULL CHECK (person_a < person_b),
            submission_id uuid NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (person_a, person_b)
        )
    """)
    op.execute("""
        CREATE VIEW enrichment.ledger AS
            SELECT s.id AS submission_id, s.outcome AS state, s.changed_at AS at
            FROM enrichment.submissions s
            WHERE s.outcome <> 'enriched' OR (
                EXISTS (SELECT FROM enrichment.persons p WHERE p.id = s.person_id)
                AND EXISTS (SELECT FROM enrichment.touches t WHERE t.submission_id = s.id))
    """)
