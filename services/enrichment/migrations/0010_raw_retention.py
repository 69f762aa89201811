"""Finds raw bodies by their age, of what is not held: the index has only those still kept."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX submissions_raw ON enrichment.submissions (received_at)
            WHERE raw <> '' AND outcome NOT IN ('quarantined', 'hydrating')
    """)
    op.execute("CREATE INDEX resends_raw ON enrichment.resends (received_at) WHERE raw <> ''")
