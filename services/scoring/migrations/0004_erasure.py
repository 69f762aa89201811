"""What was erased keeps its id, so that nothing told late is kept of it again."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    for table in ("persons", "submissions"):
        op.execute(f"ALTER TABLE scoring.{table} ADD COLUMN erased boolean NOT NULL DEFAULT false")
    op.execute("""
        CREATE OR REPLACE VIEW scoring.ledger AS
        SELECT s.submission_id, CASE WHEN s.erased THEN 'erased' ELSE 'scored' END AS state, s.at
        FROM scoring.submissions s
        WHERE s.erased OR (
            EXISTS (SELECT FROM scoring.persons p WHERE p.person_id = s.person_id)
            AND EXISTS (SELECT FROM scoring.facts f WHERE f.fact_id = s.submission_id::text))
    """)
