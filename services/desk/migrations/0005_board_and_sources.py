"""What the board counts by, who is set aside, and posts to forms that do not exist."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    clocks()
    assignments()
    op.execute("""
        CREATE TABLE desk.pauses (
            kind text NOT NULL CHECK (kind IN ('source', 'specialist')),
            key text NOT NULL,
            is_paused boolean NOT NULL,
            at timestamptz NOT NULL,
            until timestamptz,
            why_fa text,
            why_en text,
            PRIMARY KEY (kind, key)
        )
    """)
    op.execute("""
        CREATE TABLE desk.misaddressed (
            id uuid PRIMARY KEY,
            form text NOT NULL,
            host text,
            page text,
            at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX misaddressed_at ON desk.misaddressed (at)")
    op.execute("CREATE INDEX submissions_source ON desk.submissions (source, received_at DESC)")
    op.execute("""
        CREATE INDEX submissions_undelivered ON desk.submissions (state_at DESC, id DESC)
        WHERE state = 'undelivered'
    """)


def clocks() -> None:
    """What the lists narrow by, out of the leads' bodies."""
    op.execute("""
        ALTER TABLE desk.leads
            ADD COLUMN accepted_at timestamptz,
            ADD COLUMN contacted_at timestamptz,
            ADD COLUMN closed_at timestamptz,
            ADD COLUMN due_at timestamptz,
            ADD COLUMN waits_for text
    """)
    op.execute("""
        UPDATE desk.leads SET
            accepted_at = CAST(body ->> 'accepted_at' AS timestamptz),
            contacted_at = CAST(body ->> 'contacted_at' AS timestamptz),
            closed_at = CAST(body ->> 'closed_at' AS timestamptz),
            due_at = CAST(body -> 'deadline' ->> 'due_at' AS timestamptz),
            waits_for = body -> 'waiting' ->> 'reason'
    """)
    op.execute("""
        CREATE INDEX leads_due ON desk.leads (due_at)
        WHERE state = 'open' AND due_at IS NOT NULL AND merged_into IS NULL
    """)
    op.execute("""
        CREATE INDEX leads_waiting ON desk.leads (opened_at)
        WHERE state = 'open' AND waits_for IS NOT NULL AND merged_into IS NULL
    """)
    op.execute("""
        CREATE INDEX leads_closed ON desk.leads (closed_at)
        WHERE state <> 'open' AND merged_into IS NULL
    """)


def assignments() -> None:
    """Each once, though a lead tells of its newest only."""
    op.execute("""
        CREATE TABLE desk.assignments (
            id text PRIMARY KEY,
            lead_id uuid NOT NULL,
            team text NOT NULL,
            specialist text NOT NULL,
            rule text NOT NULL,
            at timestamptz NOT NULL
        )
    """)
    op.execute("CREATE INDEX assignments_at ON desk.assignments (at)")
    op.execute("""
        INSERT INTO desk.assignments
        SELECT body -> 'assignment' ->> 'id', id, team, owner,
               body -> 'assignment' ->> 'rule',
               CAST(body -> 'assignment' ->> 'at' AS timestamptz)
        FROM desk.leads WHERE jsonb_typeof(body -> 'assignment') = 'object'
        ON CONFLICT DO NOTHING
    """)
