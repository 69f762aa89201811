"""When access tokens end, by what their platforms said."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE capture.token_ends (
            kind text NOT NULL,
            source text NOT NULL,
            credentials text NOT NULL,
            ends_at timestamptz,
            is_told boolean NOT NULL DEFAULT false,
            next_at timestamptz NOT NULL,
            PRIMARY KEY (kind, source, credentials)
        )
    """)
    op.execute("""
        COMMENT ON COLUMN capture.token_ends.credentials IS
        'Tells a token from another: what was said of one says nothing of the next.'
    """)
    op.execute("""
        COMMENT ON COLUMN capture.token_ends.is_told IS
        'Whether others have heard what is known of this token, be it nothing.'
    """)
