"""What was erased keeps its id, so that what is told late of it says nothing."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE desk.erased (
            id uuid PRIMARY KEY,
            kind text NOT NULL CHECK (kind IN ('submission', 'person')),
            at timestamptz NOT NULL
        )
    """)
    op.execute("ALTER TABLE desk.leads ADD COLUMN erased_at timestamptz")
    op.execute("CREATE INDEX leads_person ON desk.leads (person_id)")
    op.execute("CREATE INDEX submissions_person ON desk.submissions (person_id)")
