"""Finds raw bodies by their age, of what waits for nobody: the indexes have only those kept."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX quarantine_raw ON desk.quarantine (received_at)
            WHERE raw IS NOT NULL AND state NOT IN ('held', 'released')
    """)
    op.execute("""
        CREATE INDEX dead_letters_raw ON desk.dead_letters (at)
            WHERE value <> '' AND state <> 'dead'
    """)
