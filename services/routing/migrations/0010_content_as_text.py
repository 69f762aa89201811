"""A lead's content as text: nothing but routing's own code reads it, and that reads all of it.

As `jsonb` it was taken apart when written and put together when read: half of what writing a lead
costs Postgres. What statements ask of a lead has columns.
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE routing.leads ADD assignment_id uuid, ADD due_at timestamptz;
COMMENT ON COLUMN routing.leads.assignment_id IS
    'The assignment that it has now, or had when it was closed.';
COMMENT ON COLUMN routing.leads.due_at IS 'Until when it is to be accepted, if something runs out.';
UPDATE routing.leads SET
    assignment_id = CAST(content -> 'lead' -> 'assignment' ->> 'id' AS uuid),
    due_at = CAST(content -> 'lead' -> 'deadline' ->> 'due_at' AS timestamptz);
ALTER TABLE routing.leads ALTER content TYPE text USING CAST(content AS text);
"""


def upgrade() -> None:
    """Text, and what is asked of it beside it."""
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
