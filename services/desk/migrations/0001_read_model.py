"""The read model, sessions and the audit trail."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    submissions()
    leads()
    stories()
    held()
    staff()
    ledger()


def submissions() -> None:
    op.execute("""
        CREATE TABLE desk.submissions (
            id uuid PRIMARY KEY,
            round int NOT NULL,
            rank int NOT NULL,
            state text NOT NULL,
            state_at timestamptz NOT NULL,
            reason text,
            source text,
            kind text,
            received_at timestamptz,
            lead_id uuid,
            person_id uuid,
            content_round int NOT NULL DEFAULT -1,
            content_weight int NOT NULL DEFAULT -1,
            contact jsonb NOT NULL DEFAULT '{}',
            attribution jsonb NOT NULL DEFAULT '{}',
            content_type text,
            raw_size int
        )
    """)
    op.execute("CREATE INDEX submissions_lead ON desk.submissions (lead_id)")
    op.execute("""
        CREATE TABLE desk.person_redirects (
            retired uuid PRIMARY KEY,
            survivor uuid NOT NULL
        )
    """)
    op.execute("""
        CREATE FUNCTION desk.current_person(person uuid) RETURNS uuid STABLE LANGUAGE sql AS $$
            WITH RECURSIVE chain (id, hops) AS (
                SELECT person, 0
                UNION ALL
                SELECT r.survivor, chain.hops + 1
                FROM chain JOIN desk.person_redirects r ON r.retired = chain.id
                WHERE chain.hops < 50
            )
            SELECT id FROM chain ORDER BY hops DESC LIMIT 1
        $$
    """)


def leads() -> None:
    op.execute("""
        CREATE TABLE desk.leads (
            id uuid PRIMARY KEY,
            version bigint NOT NULL,
            person_id uuid NOT NULL,
            state text NOT NULL,
            stage text NOT NULL,
            temperature text NOT NULL,
            team text,
            owner text,
            page text,
            source text NOT NULL,
            score int NOT NULL,
            opened_at timestamptz NOT NULL,
            changed_at timestamptz NOT NULL,
            merged_into uuid,
            search text NOT NULL,
            body jsonb NOT NULL
        )
    """)
    op.execute("""
        CREATE INDEX leads_newest ON desk.leads (opened_at DESC, id DESC)
        WHERE merged_into IS NULL
    """)
    op.execute("""
        CREATE INDEX leads_state ON desk.leads (state, opened_at DESC, id DESC)
        WHERE merged_into IS NULL
    """)
    op.execute("CREATE INDEX leads_merged ON desk.leads (merged_into)")
    op.execute("""
        CREATE FUNCTION desk.joined_leads(lead uuid) RETURNS SETOF uuid STABLE LANGUAGE sql AS $$
            WITH RECURSIVE family (id) AS (
                SELECT lead
                UNION
                SELECT l.id FROM family JOIN desk.leads l ON l.merged_into = family.id
            )
            SELECT id FROM family
        $$
    """)
    op.execute("""
        CREATE FUNCTION desk.surviving_lead(lead uuid) RETURNS uuid STABLE LANGUAGE sql AS $$
            WITH RECURSIVE chain (id, next, hops) AS (
                SELECT id, merged_into, 0 FROM desk.leads WHERE id = lead
                UNION ALL
                SELECT l.id, l.merged_into, chain.hops + 1
                FROM chain JOIN desk.leads l ON l.id = chain.next
                WHERE chain.hops < 50
            )
            SELECT COALESCE((SELECT id FROM chain ORDER BY hops DESC LIMIT 1), lead)
        $$
    """)
    op.execute("""
        CREATE TABLE desk.notifications (
            id text PRIMARY KEY,
            version bigint NOT NULL,
            lead_id uuid NOT NULL,
            submission_id uuid,
            kind text NOT NULL,
            channel text NOT NULL,
            specialist text NOT NULL,
            state text NOT NULL,
            at timestamptz NOT NULL,
            attempts int NOT NULL,
            error text
        )
    """)
    op.execute("CREATE INDEX notifications_lead ON desk.notifications (lead_id, at DESC)")


def stories() -> None:
    op.execute("""
        CREATE TABLE desk.timeline (
            event_id uuid NOT NULL,
            n int NOT NULL,
            submission_id uuid,
            lead_id uuid,
            person_id uuid,
            at timestamptz NOT NULL,
            place int NOT NULL,
            kind text NOT NULL,
            actor text NOT NULL,
            cause uuid,
            text_fa text NOT NULL,
            text_en text NOT NULL,
            data jsonb NOT NULL,
            PRIMARY KEY (event_id, n)
        )
    """)
    op.execute("CREATE INDEX timeline_submission ON desk.timeline (submission_id)")
    op.execute("CREATE INDEX timeline_lead ON desk.timeline (lead_id)")
    op.execute("""
        CREATE INDEX timeline_person ON desk.timeline (person_id)
        WHERE submission_id IS NULL AND lead_id IS NULL
    """)
    op.execute("CREATE INDEX timeline_cause ON desk.timeline (cause)")


def held() -> None:
    op.execute("""
        CREATE TABLE desk.quarantine (
            id uuid PRIMARY KEY,
            submission_id uuid NOT NULL,
            round int NOT NULL,
            state text NOT NULL,
            reason text NOT NULL,
            source text,
            received_at timestamptz NOT NULL,
            content_type text,
            raw_size int NOT NULL,
            raw bytea,
            is_conflict boolean NOT NULL
        )
    """)
    op.execute("""
        CREATE INDEX quarantine_newest ON desk.quarantine (received_at DESC, id DESC)
        WHERE state = 'held'
    """)
    op.execute("""
        CREATE TABLE desk.dead_letters (
            id uuid PRIMARY KEY,
            round int NOT NULL,
            state text NOT NULL,
            stage text NOT NULL,
            reason text NOT NULL,
            detail text NOT NULL,
            topic text NOT NULL,
            key text NOT NULL,
            at timestamptz NOT NULL,
            submission_id uuid,
            headers jsonb NOT NULL,
            value bytea NOT NULL
        )
    """)
    op.execute("CREATE INDEX dead_letters_newest ON desk.dead_letters (at DESC, id DESC)")


def staff() -> None:
    op.execute("""
        CREATE TABLE desk.sessions (
            digest bytea PRIMARY KEY,
            created_at timestamptz NOT NULL,
            seen_at timestamptz NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE desk.audit (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            at timestamptz NOT NULL DEFAULT clock_timestamp(),
            actor text NOT NULL,
            action text NOT NULL,
            subject text NOT NULL,
            activity_id uuid UNIQUE,
            digest text
        )
    """)
    op.execute("CREATE INDEX audit_subject ON desk.audit (subject, at)")
    op.execute("""
        CREATE FUNCTION desk.audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'the audit trail is only added to'; END
        $$
    """)
    op.execute("""
        CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON desk.audit
        FOR EACH ROW EXECUTE FUNCTION desk.audit_is_kept()
    """)


def ledger() -> None:
    op.execute("""
        CREATE VIEW desk.ledger AS
        SELECT s.id AS submission_id, s.state, s.state_at AS at FROM desk.submissions s
        WHERE s.lead_id IS NULL OR EXISTS (SELECT FROM desk.leads l WHERE l.id = s.lead_id)
    """)
