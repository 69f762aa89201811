"""A person's own lines are kept up to the number that a page shows, and found in its order."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        DELETE FROM desk.timeline t USING (
            SELECT event_id, n, row_number() OVER (
                PARTITION BY person_id
                ORDER BY at DESC, place DESC, event_id, n DESC) AS place
            FROM desk.timeline
            WHERE submission_id IS NULL AND lead_id IS NULL AND person_id IS NOT NULL
        ) AS placed
        WHERE placed.event_id = t.event_id AND placed.n = t.n AND placed.place > 500
    """)
    op.execute("""
        CREATE INDEX timeline_of_person
        ON desk.timeline (person_id, at DESC, place DESC, event_id, n DESC)
        WHERE submission_id IS NULL AND lead_id IS NULL
    """)
    op.execute("DROP INDEX desk.timeline_person")
