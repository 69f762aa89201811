"""Leads, assignments and notifications, with the natural keys that make a replay harmless."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LEADS = """
CREATE TABLE routing.persons (
    id uuid PRIMARY KEY,
    joined_into uuid,
    score_version integer NOT NULL DEFAULT 0,
    contact_version integer NOT NULL DEFAULT 0
);
COMMENT ON TABLE routing.persons IS
    'One row to lock per person; joined_into is where a retired person went, for ever.';
CREATE INDEX ON routing.persons (joined_into) WHERE joined_into IS NOT NULL;

CREATE TABLE routing.leads (
    id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    version integer NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'won', 'lost')),
    specialist text,
    merged_into uuid,
    content jsonb NOT NULL
);
CREATE UNIQUE INDEX one_open_lead_a_person ON routing.leads (person_id) WHERE state = 'open';
CREATE INDEX ON routing.leads (person_id);
CREATE INDEX ON routing.leads (specialist) WHERE state = 'open';

CREATE TABLE routing.submissions (
    submission_id uuid PRIMARY KEY,
    lead_id uuid NOT NULL,
    state text NOT NULL
        CHECK (state IN ('assigned', 'waiting', 'duplicate', 'notified', 'undelivered')),
    round integer NOT NULL DEFAULT 0,
    at timestamptz NOT NULL
);

CREATE TABLE routing.assignments (
    id uuid PRIMARY KEY,
    lead_id uuid NOT NULL,
    specialist text NOT NULL,
    team text NOT NULL,
    rule text NOT NULL,
    why jsonb NOT NULL,
    skipped jsonb NOT NULL,
    config_version integer NOT NULL,
    at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX ON routing.assignments (lead_id);

CREATE TABLE routing.rotations (
    team text PRIMARY KEY,
    pointers jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN routing.rotations.pointers IS 'Exact fractions as text, by specialist.';

CREATE TABLE routing.actions (
    activity_id uuid PRIMARY KEY,
    lead_id uuid NOT NULL
);
COMMENT ON TABLE routing.actions IS
    'Staff actions and timers that were applied: the natural key that outlives the journal.';

"""

NOTIFICATIONS = """
CREATE TABLE routing.notifications (
    id uuid PRIMARY KEY,
    lead_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    submission_id uuid,
    settles boolean NOT NULL,
    round integer NOT NULL,
    recipient text NOT NULL,
    team text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    kind text NOT NULL,
    step integer NOT NULL,
    why jsonb NOT NULL,
    state text NOT NULL DEFAULT 'planned'
        CHECK (state IN ('planned', 'sending', 'sent', 'failed', 'unknown')),
    version integer NOT NULL DEFAULT 1,
    attempts integer NOT NULL DEFAULT 0,
    claim uuid,
    deadline timestamptz,
    next_at timestamptz NOT NULL,
    planned_at timestamptz NOT NULL,
    error text,
    UNIQUE (assignment_id, recipient, channel, address, kind, step)
);
CREATE INDEX ON routing.notifications (next_at) WHERE state = 'planned';
CREATE INDEX ON routing.notifications (deadline) WHERE state = 'sending';
CREATE INDEX ON routing.notifications (submission_id) WHERE settles;

CREATE TABLE routing.stopped_routes (
    channel text NOT NULL,
    address text NOT NULL,
    config_version integer NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (channel, address)
);
COMMENT ON TABLE routing.stopped_routes IS
    'Routes whose receiver said 410: silent until the configuration is changed.';
"""

LEDGER = """
CREATE VIEW routing.ledger AS
SELECT s.submission_id, s.state, s.at FROM routing.submissions s
WHERE EXISTS (SELECT FROM routing.leads l WHERE l.id = s.lead_id)
  AND (s.state = 'duplicate' OR EXISTS (
      SELECT FROM routing.assignments a WHERE a.lead_id = s.lead_id))
  AND (s.state <> 'notified' OR EXISTS (
      SELECT FROM routing.notifications n
      WHERE n.submission_id = s.submission_id AND n.settles AND n.state = 'sent'));
"""


def upgrade() -> None:
    for statement in (LEADS + NOTIFICATIONS + LEDGER).split(";\n"):
        if statement.strip():
            op.execute(statement)
