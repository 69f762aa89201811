"""Messages that can be changed where they were sent, and bots whose replies are fetched."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Where messages went, and up to where replies were taken."""
    op.execute("""
        CREATE TABLE routing.postings (
            notification_id uuid PRIMARY KEY,
            lead_id uuid NOT NULL,
            channel text NOT NULL,
            reference text NOT NULL,
            shown text NOT NULL,
            tries integer NOT NULL DEFAULT 0,
            look_at timestamptz DEFAULT clock_timestamp()
        )
    """)
    op.execute("CREATE INDEX ON routing.postings (lead_id)")
    op.execute("CREATE INDEX ON routing.postings (channel, look_at) WHERE look_at IS NOT NULL")
    op.execute("""
        COMMENT ON TABLE routing.postings IS
        'Messages that can be changed where they are; look_at: when to compare with the lead.'
    """)
    op.execute("""
        CREATE TABLE routing.bots (
            bot text PRIMARY KEY,
            next_update bigint,
            owner uuid NOT NULL,
            until timestamptz NOT NULL
        )
    """)
    op.execute("""
        COMMENT ON TABLE routing.bots IS
        'Who fetches the replies of a bot, and the first one that is not taken yet.'
    """)
