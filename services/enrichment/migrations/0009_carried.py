"""Which visits came with the token of a scan that is not read yet."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE enrichment.carried (
            token text COLLATE "C" NOT NULL,
            submission_id uuid NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (token, submission_id)
        )
    """)
    op.execute("CREATE INDEX carried_submission ON enrichment.carried (submission_id)")
    op.execute("CREATE INDEX carried_at ON enrichment.carried (at)")
