"""Of somebody with more facts than are scored, what they asked for is kept before what they read.

Submissions and what staff did come first, then activities, then visits, the latest of each: what
falls out has faded most, and no way of reaching the person falls out for having looked at pages.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE scoring.facts ADD COLUMN weight smallint NOT NULL GENERATED ALWAYS AS
            (CASE kind WHEN 'visit' THEN 2 WHEN 'activity' THEN 1 ELSE 0 END) STORED
    """)
    op.execute("CREATE INDEX facts_scored ON scoring.facts (person_id, weight, at DESC, fact_id)")
    op.execute("DROP INDEX scoring.facts_person_id_expr_at_idx")
