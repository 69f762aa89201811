"""Posts from the organisation's own pages to a form that does not exist."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE capture.misaddressed (
            id uuid PRIMARY KEY,
            at timestamptz NOT NULL,
            form text NOT NULL,
            origin text,
            page text,
            content_type text NOT NULL,
            fields text[] NOT NULL,
            raw bytea NOT NULL,
            size bigint NOT NULL
        )
    """)
    op.execute("CREATE INDEX misaddressed_at ON capture.misaddressed (at, id)")
