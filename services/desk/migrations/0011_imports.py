"""Lists that staff put in: how far each has come, and which rows became which submissions."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE desk.imports (
            id uuid PRIMARY KEY,
            place text NOT NULL,
            name text NOT NULL,
            digest text NOT NULL,
            size bigint NOT NULL,
            shape jsonb NOT NULL,
            choice jsonb,
            actor text NOT NULL,
            state text NOT NULL DEFAULT 'new' CHECK (state IN
                ('new', 'checking', 'checked', 'running', 'stopped', 'done', 'failed')),
            problem text,
            position integer NOT NULL DEFAULT 0,
            rows integer,
            checked jsonb NOT NULL DEFAULT '{}',
            examples jsonb NOT NULL DEFAULT '[]',
            counts jsonb NOT NULL DEFAULT '{}',
            created_at timestamptz NOT NULL DEFAULT now(),
            started_at timestamptz,
            finished_at timestamptz,
            worker uuid,
            lease_until timestamptz
        )
    """)
    op.execute("CREATE INDEX imports_newest ON desk.imports (created_at DESC, id DESC)")
    op.execute("""
        CREATE INDEX imports_at_work ON desk.imports (created_at)
        WHERE state IN ('checking', 'running')
    """)
    op.execute("""
        CREATE TABLE desk.import_rows (
            submission_id uuid PRIMARY KEY,
            import_id uuid NOT NULL,
            line integer NOT NULL
        )
    """)
    op.execute("CREATE INDEX import_rows_latest ON desk.import_rows (import_id, line DESC)")
    op.execute("CREATE TABLE desk.import_salt (salt bytea NOT NULL)")
    op.execute("""
        INSERT INTO desk.import_salt
        SELECT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
    """)
