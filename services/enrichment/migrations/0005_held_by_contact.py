"""What is nobody's is found by whom it names, when that person is erased."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("""
        CREATE INDEX submissions_nobodys_phone ON enrichment.submissions ((contact ->> 'phone'))
        WHERE person_id IS NULL AND contact ->> 'phone' IS NOT NULL
    """)
    op.execute("""
        CREATE INDEX submissions_nobodys_email
        ON enrichment.submissions ((lower(contact ->> 'email')))
        WHERE person_id IS NULL AND contact ->> 'email' IS NOT NULL
    """)
    op.execute("""
        CREATE INDEX submissions_nobodys_handle
        ON enrichment.submissions ((lower(contact ->> 'handle')))
        WHERE person_id IS NULL AND contact ->> 'handle' IS NOT NULL
    """)
