"""Which touches named a scan that is not read yet, so that they learn its code."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE enrichment.unscanned (
            token text COLLATE "C" NOT NULL,
            touch_id uuid NOT NULL,
            submission_id uuid NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (token, touch_id)
        )
    """)
    op.execute("CREATE INDEX unscanned_submission ON enrichment.unscanned (submission_id)")
    op.execute("CREATE INDEX unscanned_at ON enrichment.unscanned (at)")
