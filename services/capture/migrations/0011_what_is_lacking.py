"""What a source's platform says is missing while the source stands still."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("ALTER TABLE capture.fetch_sources ADD lacks text")
    op.execute("""
        COMMENT ON COLUMN capture.fetch_sources.lacks IS
        'token, right, sight or version; null: not paused, or for no answer of the platform.'
    """)
