"""The score and the temperature of now, and until when they hold."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE desk.leads
            ADD COLUMN score_now int,
            ADD COLUMN temperature_now text,
            ADD COLUMN changes_at timestamptz,
            ADD COLUMN turns_at timestamptz
    """)
    op.execute("UPDATE desk.leads SET score_now = score, temperature_now = temperature")
    op.execute("""
        ALTER TABLE desk.leads
            ALTER COLUMN score_now SET NOT NULL,
            ALTER COLUMN temperature_now SET NOT NULL
    """)
    op.execute("""
        CREATE INDEX leads_turning ON desk.leads (turns_at)
        WHERE turns_at IS NOT NULL AND merged_into IS NULL
    """)
    op.execute("""
        CREATE INDEX leads_hottest ON desk.leads (score_now DESC, opened_at DESC, id DESC)
        WHERE merged_into IS NULL
    """)
