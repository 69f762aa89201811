"""Leads of a list are told of together: what is to be told, and the messages that tell it."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATEMENTS = """
CREATE TABLE routing.listed (
    assignment_id uuid PRIMARY KEY,
    lead_id uuid NOT NULL,
    submission_id uuid NOT NULL,
    list_id uuid NOT NULL,
    list_name text NOT NULL,
    recipient text NOT NULL,
    team text NOT NULL,
    summary_id uuid,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE routing.listed IS
    'Assignments of which nobody has been told for good; gone once their summary has ended.';
CREATE INDEX listed_untold ON routing.listed (list_id, recipient) WHERE summary_id IS NULL;
CREATE INDEX listed_summary ON routing.listed (summary_id) WHERE summary_id IS NOT NULL;
CREATE INDEX listed_lead ON routing.listed (lead_id);
CREATE TABLE routing.lists (
    id uuid PRIMARY KEY,
    done_at timestamptz NOT NULL
);
COMMENT ON TABLE routing.lists IS 'Until when each list has been worked through.';
CREATE TABLE routing.summaries (
    id uuid PRIMARY KEY,
    list_id uuid NOT NULL,
    list_name text NOT NULL,
    recipient text NOT NULL,
    team text NOT NULL,
    leads integer NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX summaries_last ON routing.summaries (list_id, recipient, at);
CREATE TABLE routing.summary_messages (
    id uuid PRIMARY KEY,
    summary_id uuid NOT NULL REFERENCES routing.summaries (id),
    kind text NOT NULL CHECK (kind IN ('assigned', 'reminder')),
    recipient text NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    state text NOT NULL DEFAULT 'planned'
        CHECK (state IN ('planned', 'sending', 'sent', 'failed', 'unknown')),
    attempts integer NOT NULL DEFAULT 0,
    claim uuid,
    deadline timestamptz,
    begun boolean NOT NULL DEFAULT false,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    planned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    error text,
    told boolean NOT NULL DEFAULT false,
    UNIQUE (summary_id, recipient, channel, address, kind)
);
COMMENT ON COLUMN routing.summary_messages.told IS
    'Whether what became of it is noted with each lead that it covers.';
CREATE INDEX summary_messages_due ON routing.summary_messages (next_at)
    WHERE state IN ('planned', 'sending');
CREATE INDEX summary_messages_untold ON routing.summary_messages (id)
    WHERE NOT told AND kind = 'assigned';
"""


def upgrade() -> None:
    """The tables of summaries."""
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
