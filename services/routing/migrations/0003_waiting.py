"""The waiting queue, who is paused, and how many leads each specialist has."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE routing.waiting (
    lead_id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    team text NOT NULL,
    since timestamptz NOT NULL,
    turn_at timestamptz NOT NULL,
    config_version integer NOT NULL,
    offered_at timestamptz
);
CREATE INDEX waiting_in_order ON routing.waiting (team, turn_at, lead_id);
COMMENT ON COLUMN routing.waiting.turn_at IS
    'Leads are served in this order: since when a lead counts as hot, if it is not hot now.';
COMMENT ON COLUMN routing.waiting.offered_at IS
    'When a seat was last offered to it: a lease, so that one seat is not offered twice at once.';

CREATE TABLE routing.pauses (
    specialist text PRIMARY KEY,
    is_paused boolean NOT NULL,
    until timestamptz,
    at timestamptz NOT NULL
);
COMMENT ON COLUMN routing.pauses.at IS
    'When staff decided it: an older decision never overwrites a newer, also on a replay.';

CREATE TABLE routing.loads (
    specialist text PRIMARY KEY,
    open integer NOT NULL DEFAULT 0,
    day date NOT NULL,
    given integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE routing.loads IS
    'Open leads of each specialist, and how many were given to them on their latest day.';
INSERT INTO routing.loads (specialist, open, day)
SELECT specialist, count(*), CURRENT_DATE FROM routing.leads
WHERE state = 'open' AND specialist IS NOT NULL GROUP BY specialist;

CREATE OR REPLACE VIEW routing.ledger AS
SELECT s.submission_id, s.state, s.at FROM routing.submissions s
WHERE EXISTS (SELECT FROM routing.leads l WHERE l.id = s.lead_id)
  AND CASE s.state
      WHEN 'duplicate' THEN true
      WHEN 'waiting' THEN EXISTS (
          SELECT FROM routing.waiting w WHERE w.lead_id = s.lead_id)
      ELSE EXISTS (SELECT FROM routing.assignments a WHERE a.lead_id = s.lead_id) END
  AND (s.state <> 'notified' OR EXISTS (
      SELECT FROM routing.notifications n
      WHERE n.submission_id = s.submission_id AND n.settles AND n.state = 'sent'));
"""


def upgrade() -> None:
    """Waiting, pauses, loads; a submission that waits needs a place in the queue."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
