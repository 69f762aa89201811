"""Since when a message waits by a guess of our own: its route is tried before its wait is over."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.execute("ALTER TABLE routing.notifications ADD refused_at timestamptz")
    op.execute("""
        COMMENT ON COLUMN routing.notifications.refused_at IS
        'When it was last refused; NULL where its receiver has said when to come again.'
    """)
    op.execute("""
        CREATE INDEX notifications_refused ON routing.notifications (channel, address)
        WHERE refused_at IS NOT NULL AND state IN ('planned', 'sending')
    """)
