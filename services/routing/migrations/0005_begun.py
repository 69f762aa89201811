"""Whether a message that is being sent has begun to be written."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of what is under way now, nobody knows: it counts as begun."""
    op.execute("ALTER TABLE routing.notifications ADD begun boolean NOT NULL DEFAULT true")
    op.execute("""
        COMMENT ON COLUMN routing.notifications.begun IS
        'False from a claim until right before the message is written; only then is it uncertain.'
    """)
