"""What visitors did before anybody knew them, and the scans that later forms name."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE enrichment.identifiers ADD COLUMN first_person_id uuid")
    op.execute("""
        UPDATE enrichment.identifiers SET first_person_id = person_id
        WHERE person_id IS NOT NULL
    """)
    op.execute("""
        CREATE INDEX identifiers_first_person
            ON enrichment.identifiers (first_person_id, kind, value)
    """)
    op.execute("""
        CREATE TABLE enrichment.visits (
            submission_id uuid PRIMARY KEY,
            at timestamptz NOT NULL,
            person_id uuid
        )
    """)
    op.execute("""
        INSERT INTO enrichment.visits (submission_id, at, person_id)
        SELECT id, received_at, person_id FROM enrichment.submissions WHERE outcome = 'activity'
    """)
    op.execute("""
        CREATE INDEX visits_of_nobody ON enrichment.visits (at) WHERE person_id IS NULL
    """)
    op.execute("""
        CREATE TABLE enrichment.visit_keys (
            kind text COLLATE "C" NOT NULL,
            value text COLLATE "C" NOT NULL,
            submission_id uuid NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (kind, value, submission_id)
        )
    """)
    op.execute("""
        CREATE INDEX visit_keys_latest ON enrichment.visit_keys (kind, value, at DESC)
    """)
    op.execute("""
        CREATE INDEX visit_keys_submission ON enrichment.visit_keys (submission_id)
    """)
    op.execute("""
        CREATE TABLE enrichment.scans (
            token text COLLATE "C" PRIMARY KEY,
            submission_id uuid NOT NULL,
            at timestamptz NOT NULL,
            attribution jsonb NOT NULL
        )
    """)
