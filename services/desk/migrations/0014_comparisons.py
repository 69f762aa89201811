"""What comparing a source with its platform's list has found."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE desk.comparisons (
            source text PRIMARY KEY,
            at timestamptz NOT NULL,
            compared bigint NOT NULL,
            missing bigint NOT NULL,
            late bigint NOT NULL,
            repeated bigint NOT NULL,
            days int NOT NULL,
            trouble text
        )
    """)
