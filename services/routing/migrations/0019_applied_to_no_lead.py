"""An activity may be applied without a lead: a message that was told to begin by itself."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("ALTER TABLE routing.actions ALTER COLUMN lead_id DROP NOT NULL")
    op.execute("""
        COMMENT ON COLUMN routing.actions.lead_id IS
        'Null: there was none. It was a message that had waited in vain for the one before it.'
    """)
