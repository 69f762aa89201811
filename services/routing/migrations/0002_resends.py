"""Changed resends of a platform that came before the submission that they are of."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The resends that wait."""
    op.execute("""
        CREATE TABLE routing.resends (
            event_id uuid PRIMARY KEY,
            submission_id uuid NOT NULL,
            content jsonb NOT NULL
        )
    """)
    op.execute("CREATE INDEX resends_submission ON routing.resends (submission_id)")
    op.execute("""
        COMMENT ON TABLE routing.resends IS
        'A platform''s changed resends whose submission has not come yet: they wait for it.'
    """)
