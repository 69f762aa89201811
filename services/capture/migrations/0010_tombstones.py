"""What was erased and never was to be fetched is found by its age, to be forgotten."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX fetches_tombstones ON capture.fetches (noted_at) WHERE kind = ''
    """)
