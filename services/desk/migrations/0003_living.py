"""What staff live with: who sits at a session, what can still be undone, what they put in."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE desk.sessions ADD COLUMN specialist text")
    op.execute("""
        CREATE TABLE desk.pending (
            activity_id uuid PRIMARY KEY,
            lead_id uuid,
            subject text NOT NULL,
            action text NOT NULL,
            actor text NOT NULL,
            planned_at timestamptz NOT NULL,
            due_at timestamptz NOT NULL,
            undone_at timestamptz
        )
    """)
    op.execute("CREATE INDEX pending_due ON desk.pending (due_at)")
    op.execute("CREATE INDEX pending_lead ON desk.pending (lead_id)")
    op.execute("""
        CREATE TABLE desk.spools (
            spool uuid PRIMARY KEY,
            high bigint NOT NULL,
            acked bigint GENERATED ALWAYS AS (high) STORED,
            is_only boolean NOT NULL DEFAULT true UNIQUE CHECK (is_only)
        )
    """)
    op.execute("INSERT INTO desk.spools (spool, high) VALUES (gen_random_uuid(), 0)")
