"""What came under a key that was taken is found by whom it names, when that person is erased."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # NULL where the release before this one has kept it: it is read when somebody is erased.
    op.execute("ALTER TABLE enrichment.resends ADD COLUMN contact jsonb")
    op.execute("""
        CREATE INDEX resends_conflict_unread ON enrichment.resends (event_id)
        WHERE conflict AND contact IS NULL
    """)
    for name, key in (
        ("phone", "(contact ->> 'phone')"),
        ("email", "lower(contact ->> 'email')"),
        ("handle", "lower(contact ->> 'handle')"),
    ):
        op.execute(f"""
            CREATE INDEX resends_conflict_{name} ON enrichment.resends (({key}))
            WHERE conflict AND contact ->> '{name}' IS NOT NULL
        """)
