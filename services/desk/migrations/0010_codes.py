"""Who came by a code: few of all submissions, and found without reading the others."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX submissions_by_code
        ON desk.submissions ((attribution ->> 'qr'), received_at DESC)
        WHERE attribution ->> 'qr' IS NOT NULL
    """)
