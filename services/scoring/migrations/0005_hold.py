"""Persons are held by one call: those who are absent made, all locked, and who they are now.

That a fact's person exists is certain by then, and is not looked up once more for each fact.
"""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE scoring.facts DROP CONSTRAINT facts_person_id_fkey")
    # Whoever turns out to have been joined to somebody a moment ago makes the locks be let go (the
    # block ends by an error, which is a savepoint's end) and taken again, in order, with theirs.
    # What is read at the end is read after the locks, by a statement of its own.
    op.execute("""
        CREATE FUNCTION scoring.hold(in_persons uuid[], in_submissions uuid[])
        RETURNS TABLE (id uuid, joined_into uuid, score text, stage text, temperature text,
                       erased boolean, is_person boolean)
        LANGUAGE plpgsql AS $$
        #variable_conflict use_column
        DECLARE
            wanted uuid[] := in_persons;
            made uuid[];
            missing uuid[];
        BEGIN
            WITH RECURSIVE chain AS (
                SELECT p.joined_into FROM scoring.persons p WHERE p.person_id = ANY (wanted)
                UNION
                SELECT p.joined_into FROM scoring.persons p
                JOIN chain ON p.person_id = chain.joined_into
            )
            SELECT wanted || coalesce(array_agg(joined_into), '{}') INTO wanted
            FROM chain WHERE joined_into IS NOT NULL;
            LOOP
                BEGIN
                    WITH inserted AS (
                        INSERT INTO scoring.persons (person_id)
                        SELECT DISTINCT given.id FROM unnest(wanted) AS given(id) ORDER BY given.id
                        ON CONFLICT DO NOTHING RETURNING persons.person_id
                    )
                    SELECT coalesce(array_agg(person_id), '{}') INTO made FROM inserted;
                    PERFORM FROM scoring.persons p
                    WHERE p.person_id IN (
                        SELECT unnest(wanted) EXCEPT SELECT unnest(made))
                    ORDER BY p.person_id FOR UPDATE;
                    SELECT array_agg(DISTINCT p.joined_into) INTO missing
                    FROM scoring.persons p
                    WHERE p.person_id = ANY (wanted) AND p.joined_into IS NOT NULL
                      AND p.joined_into <> ALL (wanted);
                    EXIT WHEN missing IS NULL;
                    RAISE EXCEPTION USING ERRCODE = 'SN001', MESSAGE = 'joined meanwhile';
                EXCEPTION WHEN SQLSTATE 'SN001' THEN
                    wanted := wanted || missing;
                END;
            END LOOP;
            RETURN QUERY
            SELECT p.person_id, p.joined_into, CAST(p.score AS text), p.stage, p.temperature,
                   p.erased, true
            FROM scoring.persons p
            WHERE p.person_id IN (SELECT unnest(wanted) EXCEPT SELECT unnest(made))
            UNION ALL
            SELECT s.submission_id, NULL, NULL, NULL, NULL, true, false
            FROM scoring.submissions s WHERE s.submission_id = ANY (in_submissions) AND s.erased;
        END $$
    """)
