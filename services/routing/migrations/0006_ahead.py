"""Staff's actions that were read before the lead that they are about."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The actions that wait."""
    op.execute("""
        CREATE TABLE routing.ahead (
            event_id uuid PRIMARY KEY,
            person_id uuid NOT NULL,
            lead_id uuid NOT NULL,
            at timestamptz NOT NULL,
            content jsonb NOT NULL
        )
    """)
    op.execute("CREATE INDEX ahead_person ON routing.ahead (person_id)")
    op.execute("CREATE INDEX ahead_at ON routing.ahead (at)")
    op.execute("""
        COMMENT ON TABLE routing.ahead IS
        'Actions of staff whose lead has not come yet, as after a restore: they wait for it.'
    """)
