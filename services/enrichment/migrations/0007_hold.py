"""Identifiers are held by one call: those that are absent made, the others locked, in order.

Each step is a statement of its own, which sees what whoever was waited for has committed (rule 13).
"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # Somebody may forget an identifier between the two steps: then both are taken again.
    # Nothing waits under one that was absent, as it is held by whoever lets something wait there.
    op.execute("""
        CREATE FUNCTION enrichment.hold(in_kinds text[], in_values text[])
        RETURNS TABLE (kind text, value text, person_id uuid, claimed_at timestamptz,
                       is_awaited boolean)
        LANGUAGE plpgsql AS $$
        #variable_conflict use_column
        DECLARE
            tries int := 0;
            fresh int;
            made int := 0;
            there int;
        BEGIN
            LOOP
                INSERT INTO enrichment.identifiers (kind, value)
                SELECT g.kind, g.value FROM unnest(in_kinds, in_values) AS g(kind, value)
                ORDER BY g.kind COLLATE "C", g.value COLLATE "C"
                ON CONFLICT DO NOTHING;
                GET DIAGNOSTICS fresh = ROW_COUNT;
                made := made + fresh;
                EXIT WHEN made = cardinality(in_kinds);
                PERFORM FROM enrichment.identifiers i
                JOIN unnest(in_kinds, in_values) AS g(kind, value)
                  ON g.kind = i.kind AND g.value = i.value
                ORDER BY i.kind, i.value FOR UPDATE OF i;
                GET DIAGNOSTICS there = ROW_COUNT;
                EXIT WHEN there = cardinality(in_kinds);
                tries := tries + 1;
                IF tries = 5 THEN
                    RAISE EXCEPTION USING ERRCODE = 'serialization_failure',
                        MESSAGE = 'identifiers that are being forgotten';
                END IF;
            END LOOP;
            IF made < cardinality(in_kinds) THEN
                RETURN QUERY
                SELECT i.kind, i.value, i.person_id, i.claimed_at, EXISTS (
                    SELECT FROM enrichment.visit_keys k
                    WHERE k.kind = i.kind AND k.value = i.value)
                FROM enrichment.identifiers i
                JOIN unnest(in_kinds, in_values) AS g(kind, value)
                  ON g.kind = i.kind AND g.value = i.value;
            END IF;
        END $$
    """)
