"""A slice's rows come as whole rows: the driver and the server take a column apart value by value.

These types are what the statements send, not what is stored: a column that is added later gets a
type of its own, so that processes of the build before go on sending theirs.
"""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("""
        CREATE TYPE desk.submission_sent AS (
            id uuid, round int, rank int, state text, state_at timestamptz, reason text,
            source text, kind text, received_at timestamptz, lead_id uuid, person_id uuid,
            content_round int, content_weight int, contact text, attribution text,
            content_type text, raw_size int, occurred_at timestamptz)
    """)
    op.execute("""
        CREATE TYPE desk.line_sent AS (
            event_id uuid, n int, submission_id uuid, lead_id uuid, person_id uuid,
            at timestamptz, place int, kind text, actor text, cause uuid,
            text_fa text, text_en text, data text)
    """)
    op.execute("""
        CREATE TYPE desk.lead_sent AS (
            id uuid, version bigint, person_id uuid, state text, stage text, temperature text,
            team text, owner text, page text, source text, score int, opened_at timestamptz,
            changed_at timestamptz, merged_into uuid, search text, body text,
            changes_at timestamptz, turns_at timestamptz, accepted_at timestamptz,
            contacted_at timestamptz, closed_at timestamptz, due_at timestamptz,
            waits_for text, erased_at timestamptz)
    """)
    op.execute("""
        CREATE TYPE desk.notification_sent AS (
            id text, version bigint, lead_id uuid, submission_id uuid, kind text, channel text,
            specialist text, state text, at timestamptz, attempts int, error text)
    """)
