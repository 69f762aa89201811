"""How many visits of a person came on a day is counted before more of them are told."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX visits_of_person ON enrichment.visits (person_id, at)
        WHERE person_id IS NOT NULL
    """)
