"""The versions of the configuration: which one made a decision can be looked up for ever."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE common.configurations (
            version integer PRIMARY KEY,
            digest text NOT NULL,
            content jsonb NOT NULL,
            at timestamptz NOT NULL
        )
    """)
