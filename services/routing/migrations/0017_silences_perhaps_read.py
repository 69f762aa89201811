"""Which messages of a silence may have been read though they failed in the end.

Of those that failed before this nothing is known: their readers hear of no end.
"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE routing.silences ADD may_be_read boolean NOT NULL DEFAULT false")
    op.execute("""
        COMMENT ON COLUMN routing.silences.may_be_read IS
        'Whether nobody knows what came of one of its attempts.'
    """)
