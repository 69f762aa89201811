"""Visits and activities that are never scored are not kept: what is left of them goes.

From here on each slice drops what is beyond the facts that are scored (store.MOST_FACTS).
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
        DELETE FROM scoring.facts f USING (
            SELECT fact_id, row_number() OVER (
                PARTITION BY person_id ORDER BY weight, at DESC, fact_id) AS place
            FROM scoring.facts
        ) AS placed
        WHERE placed.fact_id = f.fact_id AND placed.place > 300 AND f.weight > 0
    """)
