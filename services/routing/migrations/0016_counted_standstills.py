"""Which of its source's pauses a standstill's message tells of.

Of those that were planned before this nothing is known: the next pause is told.
"""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("ALTER TABLE routing.standstills ADD change integer")
    op.execute("""
        COMMENT ON COLUMN routing.standstills.change IS
        'How often its source was paused or resumed by then, as capture counts; null: not said.'
    """)
