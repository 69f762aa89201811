"""The log in tables: lanes with their counters, records by day, and groups with their leases."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    # A lane is one partition of one topic. Its counter gives the offsets (delivery rule 21).
    op.execute("""
        CREATE TABLE log.lanes (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            topic text NOT NULL,
            number int NOT NULL,
            first bigint NOT NULL DEFAULT 0,
            next bigint NOT NULL DEFAULT 0,
            UNIQUE (topic, number)
        ) WITH (fillfactor = 50)
    """)
    # Dropped by day, never deleted from (rule 24). Days are made ahead; the default takes
    # what is appended when nobody has made the day.
    op.execute("""
        CREATE TABLE log.records (
            lane int NOT NULL,
            "offset" bigint NOT NULL,
            day date NOT NULL,
            appended_at timestamptz NOT NULL,
            key bytea NOT NULL,
            value bytea NOT NULL,
            headers bytea NOT NULL,
            PRIMARY KEY (lane, "offset", day)
        ) PARTITION BY RANGE (day)
    """)
    op.execute("CREATE TABLE log.records_default PARTITION OF log.records DEFAULT")
    op.execute("""
        CREATE TABLE log.members (
            group_name text NOT NULL,
            id uuid NOT NULL,
            topics text[] NOT NULL,
            until timestamptz NOT NULL,
            PRIMARY KEY (group_name, id)
        )
    """)
    # How far a group has come in a lane, and who may say so. The epoch grows whenever the
    # lane is given to somebody, so that one who lost it cannot commit (rule 22).
    op.execute("""
        CREATE TABLE log.positions (
            group_name text NOT NULL,
            lane int NOT NULL REFERENCES log.lanes,
            committed bigint NOT NULL,
            owner uuid,
            epoch bigint NOT NULL DEFAULT 0,
            until timestamptz,
            PRIMARY KEY (group_name, lane)
        ) WITH (fillfactor = 50)
    """)
    _append()
    _fetch()
    _hold()
    _leave()


def _append() -> None:
    # The lanes' rows are locked in ascending order, in a statement of its own: two writers
    # never wait for each other in a circle, and the counters read next are the newest.
    # Whoever comes second waits for the first's commit, so no reader sees a gap (rule 21).
    op.execute("""
        CREATE FUNCTION log.append(
            in_lanes int[], in_keys bytea[], in_values bytea[], in_headers bytea[]
        ) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            moment timestamptz;
        BEGIN
            PERFORM 1 FROM log.lanes WHERE id = ANY (in_lanes) ORDER BY id FOR UPDATE;
            moment := clock_timestamp();
            WITH incoming AS (
                SELECT r.*, row_number() OVER (PARTITION BY r.lane ORDER BY r.place) AS nth
                FROM unnest(in_lanes, in_keys, in_values, in_headers)
                     WITH ORDINALITY AS r (lane, key, value, headers, place)
            ), moved AS (
                UPDATE log.lanes l SET next = l.next + counted.n
                FROM (SELECT lane, count(*) AS n FROM incoming GROUP BY lane) AS counted
                WHERE l.id = counted.lane
                RETURNING l.id, l.next - counted.n AS base
            )
            INSERT INTO log.records (lane, "offset", day, appended_at, key, value, headers)
            SELECT i.lane, moved.base + i.nth - 1, (moment AT TIME ZONE 'UTC')::date, moment,
                   i.key, i.value, i.headers
            FROM incoming i JOIN moved ON moved.id = i.lane;
        END $$
    """)


def _fetch() -> None:
    # Only lanes with news are looked into, until either budget is used up. A record larger
    # than the budget still comes, alone.
    op.execute("""
        CREATE FUNCTION log.fetch(
            in_lanes int[], in_nexts bigint[], most int, most_bytes bigint
        ) RETURNS TABLE (
            lane int, "offset" bigint, key bytea, value bytea, headers bytea,
            appended_at timestamptz, bytes bigint
        ) LANGUAGE plpgsql AS $$
        DECLARE
            spot record;
            taken_bytes bigint := 0;
        BEGIN
            FOR spot IN
                SELECT h.lane AS id, h.next
                FROM unnest(in_lanes, in_nexts) WITH ORDINALITY AS h (lane, next, turn)
                JOIN log.lanes l ON l.id = h.lane AND l.next > h.next
                ORDER BY h.turn
            LOOP
                FOR lane, "offset", key, value, headers, appended_at, bytes IN
                    SELECT r.lane, r."offset", r.key, r.value, r.headers, r.appended_at,
                           octet_length(r.value) + octet_length(r.headers)
                    FROM log.records r
                    WHERE r.lane = spot.id AND r."offset" >= spot.next
                    ORDER BY r."offset" LIMIT most
                LOOP
                    taken_bytes := taken_bytes + bytes;
                    EXIT WHEN taken_bytes > most_bytes AND taken_bytes > bytes;
                    RETURN NEXT;
                    most := most - 1;
                    EXIT WHEN most = 0;
                END LOOP;
                EXIT WHEN most = 0 OR taken_bytes > most_bytes;
            END LOOP;
        END $$
    """)


def _hold() -> None:
    # One round of membership: be seen, let go of what is another's share now, take and renew
    # what is ours. Shares go by partition number, equal in every topic, so a person's lanes
    # stay together. NOTIFY is inside: only changes of membership come here with something to say.
    op.execute("""
        CREATE FUNCTION log.hold(
            in_group text, member uuid, wanted text[], lease interval
        ) RETURNS TABLE (lane int, topic text, number int, epoch bigint, committed bigint)
        LANGUAGE plpgsql AS $$
        #variable_conflict use_column
        DECLARE
            moment timestamptz;
            changed bigint := 0;
            n bigint;
            share int[];
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended(in_group, 21));
            moment := clock_timestamp();
            DELETE FROM log.members m
            WHERE m.group_name = in_group AND m.until < moment AND m.id <> member;
            GET DIAGNOSTICS n = ROW_COUNT;
            changed := changed + n;
            UPDATE log.members m SET until = moment + lease
            WHERE m.group_name = in_group AND m.id = member;
            IF NOT FOUND THEN
                INSERT INTO log.members VALUES (in_group, member, wanted, moment + lease);
                changed := changed + 1;
            END IF;

            INSERT INTO log.positions (group_name, lane, committed)
            SELECT in_group, l.id, l.first FROM log.lanes l
            WHERE l.topic = ANY (wanted) AND NOT EXISTS (
                SELECT 1 FROM log.positions p WHERE p.group_name = in_group AND p.lane = l.id);

            SELECT array_agg(l.id) INTO share
            FROM (SELECT lanes.*, count(*) OVER (PARTITION BY lanes.topic) AS numbers
                  FROM log.lanes) AS l
            JOIN (SELECT t.topic, m.id,
                         count(*) OVER (PARTITION BY t.topic) AS members,
                         row_number() OVER (PARTITION BY t.topic ORDER BY m.id) - 1 AS rank
                  FROM log.members m CROSS JOIN unnest(m.topics) AS t (topic)
                  WHERE m.group_name = in_group) AS r
              ON r.topic = l.topic AND r.id = member
            WHERE l.number * r.members / l.numbers = r.rank;

            UPDATE log.positions p SET owner = NULL, until = NULL
            WHERE p.group_name = in_group AND p.owner = member
              AND NOT p.lane = ANY (coalesce(share, '{}'));
            GET DIAGNOSTICS n = ROW_COUNT;
            changed := changed + n;

            UPDATE log.positions p
            SET epoch = p.epoch
                    + (p.owner IS DISTINCT FROM member OR p.until < moment)::int,
                owner = member, until = moment + lease
            WHERE p.group_name = in_group AND p.lane = ANY (share)
              AND (p.owner IS NULL OR p.owner = member OR p.until < moment
                   OR NOT EXISTS (SELECT 1 FROM log.members m
                                  WHERE m.group_name = in_group AND m.id = p.owner));

            IF changed > 0 THEN
                PERFORM pg_notify('sarnakh_log', json_build_object(
                    'sender', member, 'group', in_group)::text);
            END IF;
            RETURN QUERY
            SELECT l.id, l.topic, l.number, p.epoch, p.committed
            FROM log.positions p JOIN log.lanes l ON l.id = p.lane
            WHERE p.group_name = in_group AND p.owner = member;
        END $$
    """)


def _leave() -> None:
    op.execute("""
        CREATE FUNCTION log.leave(in_group text, member uuid) RETURNS void
        LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_advisory_xact_lock(hashtextextended(in_group, 21));
            UPDATE log.positions SET owner = NULL, until = NULL
            WHERE group_name = in_group AND owner = member;
            DELETE FROM log.members WHERE group_name = in_group AND id = member;
            PERFORM pg_notify('sarnakh_log', json_build_object(
                'sender', member, 'group', in_group)::text);
        END $$
    """)
