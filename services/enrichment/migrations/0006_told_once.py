"""What the event tells of a submission is not kept beside it: nothing reads it here.

The columns stay, so that the version before runs beside this one.
"""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE enrichment.submissions
            ALTER COLUMN verified SET DEFAULT '{}', ALTER COLUMN notes SET DEFAULT '[]'
    """)
