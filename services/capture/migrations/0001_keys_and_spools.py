"""Idempotency keys with what they were used for, and each spool's high mark for the books."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE capture.keys (
            source text NOT NULL,
            key_digest bytea NOT NULL,
            body_digest text NOT NULL,
            submission_id uuid NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (source, key_digest)
        )
    """)
    op.execute("CREATE INDEX keys_at ON capture.keys (at)")
    op.execute("""
        CREATE TABLE capture.spools (
            spool uuid PRIMARY KEY,
            high bigint NOT NULL,
            acked bigint NOT NULL DEFAULT 0,
            at timestamptz NOT NULL,
            retired boolean NOT NULL DEFAULT false
        )
    """)
