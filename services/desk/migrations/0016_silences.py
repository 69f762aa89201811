"""How long each source has said nothing while it was listened to, and which silence was told."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE desk.silences (
            source text PRIMARY KEY,
            newest_at timestamptz NOT NULL,
            listened interval NOT NULL,
            seen_at timestamptz NOT NULL,
            said_of timestamptz,
            said_at timestamptz,
            quiet_from timestamptz,
            quiet_until timestamptz
        )
    """)
    op.execute("""
        COMMENT ON COLUMN desk.silences.listened IS
        'Since the newest arrival, or since we know of it; without the time in which nobody looked.'
    """)
    op.execute("""
        COMMENT ON COLUMN desk.silences.said_of IS
        'The last arrival before the silence that was told and has not ended yet.'
    """)
