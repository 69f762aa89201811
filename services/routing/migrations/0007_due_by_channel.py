"""What is due is looked for by channel, so that an idle channel is not asked for each message."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The index by channel."""
    op.execute(
        "CREATE INDEX notifications_due ON routing.notifications (channel, next_at)"
        " WHERE state = 'planned'"
    )
