"""An arrival is noticed by its being there, also where its clock says another time."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute("ALTER TABLE desk.silences ADD COLUMN last_at timestamptz, ADD COLUMN came bigint")
    op.execute("UPDATE desk.silences SET last_at = newest_at WHERE newest_at < clock_timestamp()")
    op.execute("""
        COMMENT ON COLUMN desk.silences.newest_at IS
        'When it was heard last: by the arrival''s clock, or by ours where that is wrong.'
    """)
    op.execute("""
        COMMENT ON COLUMN desk.silences.last_at IS
        'The newest arrival by its own clock, of those that are not stamped with a time to come.'
    """)
    op.execute("""
        COMMENT ON COLUMN desk.silences.came IS
        'Arrivals since a week before that one; NULL where it has just come.'
    """)
