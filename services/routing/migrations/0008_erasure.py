"""What was erased keeps its id, so that what is told late of it does nothing."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE routing.persons
    ADD COLUMN erased boolean NOT NULL DEFAULT false,
    ADD COLUMN erased_version integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN routing.persons.erased_version IS
    'Who is known by an older version is known with what was erased since.';
ALTER TABLE routing.submissions
    ALTER COLUMN lead_id DROP NOT NULL,
    DROP CONSTRAINT submissions_state_check,
    ADD CONSTRAINT submissions_state_check CHECK (state IN
        ('assigned', 'waiting', 'duplicate', 'notified', 'undelivered', 'erased'));
CREATE INDEX submissions_lead ON routing.submissions (lead_id);
CREATE OR REPLACE VIEW routing.ledger AS
SELECT s.submission_id, s.state, s.at FROM routing.submissions s
WHERE s.state = 'erased' OR (
    EXISTS (SELECT FROM routing.leads l WHERE l.id = s.lead_id)
    AND CASE s.state
        WHEN 'duplicate' THEN true
        WHEN 'waiting' THEN EXISTS (
            SELECT FROM routing.waiting w WHERE w.lead_id = s.lead_id)
        ELSE EXISTS (SELECT FROM routing.assignments a WHERE a.lead_id = s.lead_id) END
    AND (s.state <> 'notified' OR EXISTS (
        SELECT FROM routing.notifications n
        WHERE n.submission_id = s.submission_id AND n.settles AND n.state = 'sent')));
"""


def upgrade() -> None:
    """Tombstones."""
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
