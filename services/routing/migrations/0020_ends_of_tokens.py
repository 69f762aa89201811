"""When sources' tokens end, by capture's newest word of each."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE routing.token_ends (
            source text PRIMARY KEY,
            expires date,
            at timestamptz NOT NULL
        )
    """)
    op.execute("""
        COMMENT ON COLUMN routing.token_ends.expires IS 'Null: not, or nobody knows.'
    """)
