"""Pauses of one form or page, what a lead's own failures are, and leads that may be asked again."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE capture.fetch_sources
            ADD COLUMN place text NOT NULL DEFAULT '',
            ADD COLUMN failing text[] NOT NULL DEFAULT '{}',
            ADD COLUMN denied text[] NOT NULL DEFAULT '{}',
            DROP CONSTRAINT fetch_sources_pkey,
            ADD PRIMARY KEY (kind, source, place)
    """)
    op.execute("""
        ALTER TABLE capture.fetches
            ADD COLUMN place text NOT NULL DEFAULT '',
            ADD COLUMN denied boolean NOT NULL DEFAULT false,
            ADD COLUMN suspect boolean NOT NULL DEFAULT false,
            ADD COLUMN held boolean NOT NULL DEFAULT false,
            ADD COLUMN credentials text NOT NULL DEFAULT ''
    """)
    op.execute("""
        UPDATE capture.fetches SET place = coalesce(
            'form:' || (captured #>> '{attribution,ad,form_id}'),
            'page:' || (captured #>> '{attribution,ad,page_id}'), '')
        WHERE done_at IS NULL
    """)
    op.execute("DROP INDEX capture.fetches_due")
    op.execute("""
        CREATE INDEX fetches_due ON capture.fetches
            (kind, source, suspect, (tries > 0), noted_at DESC, submission_id)
            WHERE done_at IS NULL
    """)
    op.execute("""
        CREATE INDEX fetches_held ON capture.fetches (kind, source)
            WHERE done_at IS NOT NULL AND captured IS NOT NULL
    """)
    op.execute("""
        CREATE OR REPLACE VIEW capture.ledger AS
            SELECT submission_id, 'hydrating' AS state, noted_at AS at
            FROM capture.fetches WHERE done_at IS NULL AND NOT held
    """)
