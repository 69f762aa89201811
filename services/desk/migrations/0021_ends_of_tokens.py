"""When sources' tokens end, by capture's newest word of each."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE desk.token_ends (
            source text PRIMARY KEY,
            source_kind text NOT NULL,
            expires date,
            at timestamptz NOT NULL
        )
    """)
    op.execute("""
        COMMENT ON COLUMN desk.token_ends.expires IS 'Null: not, or nobody knows.'
    """)
