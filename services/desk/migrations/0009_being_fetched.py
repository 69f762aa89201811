"""What waits for its content is counted by source, however many submissions there are."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX submissions_hydrating ON desk.submissions (source)
        WHERE state = 'hydrating'
    """)
