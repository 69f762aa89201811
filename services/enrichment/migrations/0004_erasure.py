"""Persons who were erased keep their id, so that nothing is made theirs again."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE enrichment.persons ADD COLUMN erased_at timestamptz")
    op.execute("CREATE INDEX scans_submission ON enrichment.scans (submission_id)")
