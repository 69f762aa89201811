"""How long sources have been quiet while somebody listened, and what was told of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from libs.common.database import Transaction
from libs.common.database.statements import text

_HEARD: Final = """s.received_at IS NOT NULL AND s.kind IS DISTINCT FROM 'import'
    AND NOT s.is_test AND (s.state NOT IN ('received', 'hydrating')
        OR s.received_at < statement_timestamp() - interval '5 minutes')"""
"""A list that somebody puts in under a source's name is no word of that source, nor is a test; what
is on its way may turn out as one, and counts when that takes longer than it ever should."""

_HEARD_BY_NOW: Final = f"{_HEARD} AND s.received_at < statement_timestamp()"
"""Clocks go wrong: a time to come is no time at which something came."""

LISTEN: Final = f"""
    INSERT INTO desk.silences AS old (source, newest_at, last_at, came, listened, seen_at)
    SELECT key, coalesce(last.at, statement_timestamp()), last.at, more.came, interval '0',
        statement_timestamp()
    FROM unnest(CAST(:sources AS text[])) AS key
    LEFT JOIN LATERAL (
        SELECT s.received_at AS at FROM desk.arrivals s
        WHERE s.source = key AND {_HEARD_BY_NOW} ORDER BY s.received_at DESC LIMIT 1
    ) AS last ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN last.at > statement_timestamp() - interval '1 hour' THEN NULL ELSE (
            SELECT count(*) FROM desk.arrivals s WHERE s.source = key AND {_HEARD}
                AND s.received_at >= coalesce(last.at - interval '7 days', '-infinity')
        ) END AS came OFFSET 0  -- not counted again for each use
    ) AS more
    WHERE last.at IS NOT NULL OR more.came > 0
    ORDER BY key
    ON CONFLICT (source) DO UPDATE SET
        (listened, newest_at) = (SELECT
            CASE WHEN is_newer OR is_more THEN interval '0'
                WHEN excluded.seen_at BETWEEN old.seen_at
                    AND old.seen_at + CAST(:most AS interval)
                THEN old.listened + (excluded.seen_at - old.seen_at)
                ELSE old.listened END,
            CASE WHEN is_newer THEN excluded.last_at
                WHEN is_more THEN excluded.seen_at
                ELSE old.newest_at END
            FROM (SELECT
                coalesce(excluded.last_at > coalesce(old.last_at, '-infinity'), false) AS is_newer,
                excluded.last_at IS NOT DISTINCT FROM old.last_at
                    AND coalesce(excluded.came > old.came, false) AS is_more) AS heard),
        last_at = greatest(old.last_at, excluded.last_at),
        came = excluded.came,
        seen_at = excluded.seen_at
    RETURNING source, newest_at, listened, said_of, said_at, quiet_from, quiet_until,
        usual_at_most
"""  # noqa: S608 - constants
"""By its newest arrival alone one with a wrong clock would hide all that follow, or be hidden: of a
source that has been quiet for an hour those of a week are counted too."""

SPACED: Final = f"""
    WITH RECURSIVE spaced AS (
        SELECT CAST(:newest AS timestamptz) AS at, 1 AS n
        UNION ALL
        SELECT earlier.at, spaced.n + 1 FROM spaced CROSS JOIN LATERAL (
            SELECT s.received_at AS at FROM desk.arrivals s
            WHERE s.source = :source AND {_HEARD}
                AND s.received_at <= spaced.at - CAST(:apart AS interval)
            ORDER BY s.received_at DESC LIMIT 1
        ) AS earlier
        WHERE earlier.at > CAST(:newest AS timestamptz) - CASE WHEN spaced.n < :at_least
            THEN CAST(:none_before AS interval) ELSE CAST(:all_of AS interval) END
    ) SELECT at FROM spaced
"""  # noqa: S608 - constants
"""However many there were, each is found by an index: of a source that is heard all day long some
2,700 in four weeks."""


class Quiet(NamedTuple):
    """One source that was heard at least once."""

    source: str
    newest_at: datetime
    listened: timedelta
    """How long it has said nothing since, as far as we were there to hear it."""
    said_of: datetime | None = None
    """The last arrival before the silence that was told and has not been ended."""
    said_at: datetime | None = None
    quiet_from: datetime | None = None
    """The last silence that was told and has ended."""
    quiet_until: datetime | None = None
    usual_at_most: timedelta | None = None
    """Of the silence that was told: how long such a pause usually lasts at most."""


class Reach(NamedTuple):
    """How far back a habit is read: so many arrivals, or all of a while, but none that is old."""

    apart: timedelta = timedelta(minutes=15)
    """Of a burst one arrival counts: many at once are no promise of many an hour later."""
    all_of: timedelta = timedelta(weeks=4)
    at_least: int = 200
    """So many where there are as many, also from before `all_of`."""
    none_before: timedelta = timedelta(days=365)


async def listen(tx: Transaction, sources: Sequence[str], most: timedelta) -> list[Quiet]:
    """Look at the newest arrival of each, and add up for how long they have been quiet.

    `most`: between two looks that are further apart nobody listened.
    """
    values = {"sources": sorted(set(sources)), "most": most}
    rows = await tx.execute(text(LISTEN), values)
    return [Quiet(*row) for row in rows]


async def arrivals(tx: Transaction, source: str, most: int) -> list[datetime]:
    """Its newest arrivals, tests and times to come apart."""
    rows = await tx.execute(
        text(f"""
            SELECT s.received_at AS at FROM desk.arrivals s
            WHERE s.source = :source AND {_HEARD_BY_NOW} ORDER BY s.received_at DESC LIMIT :most
        """),  # noqa: S608 - _HEARD_BY_NOW is a constant
        {"source": source, "most": most},
    )
    return [row["at"] for row in rows]


async def spaced(tx: Transaction, source: str, newest_at: datetime, reach: Reach) -> list[datetime]:
    """The arrivals that its habit is read from, each `apart` from the next; the newest first."""
    values = {"source": source, "newest": newest_at, **reach._asdict()}
    rows = await tx.execute(text(SPACED), values)
    return [row["at"] for row in rows]


async def say(tx: Transaction, source: str, newest_at: datetime, usual_at_most: timedelta) -> bool:
    """Note that its silence is told; False where somebody has told it, or it has spoken."""
    rows = await tx.execute(
        text("""
            UPDATE desk.silences SET said_of = newest_at, said_at = clock_timestamp(),
                usual_at_most = :usual_at_most
            WHERE source = :source AND newest_at = :newest AND said_of IS NULL
            RETURNING source
        """),
        {"source": source, "newest": newest_at, "usual_at_most": usual_at_most},
    )
    return rows.first() is not None


async def end(tx: Transaction, source: str, said_of: datetime) -> datetime | None:
    """Note that it has spoken again, and give when; None where somebody has noted it."""
    rows = await tx.execute(
        text(f"""
            UPDATE desk.silences q SET said_of = NULL, said_at = NULL,
                usual_at_most = NULL, quiet_from = q.said_of, quiet_until = coalesce((
                    SELECT min(s.received_at) FROM desk.arrivals s
                    WHERE s.source = q.source AND s.received_at > q.said_of AND {_HEARD_BY_NOW}
                ), q.newest_at)
            WHERE q.source = :source AND q.said_of = :said_of AND q.newest_at > q.said_of
            RETURNING q.quiet_until
        """),  # noqa: S608 - _HEARD is a constant
        {"source": source, "said_of": said_of},
    )
    found: datetime | None = rows.scalar()
    return found


async def known(tx: Transaction, sources: Sequence[str]) -> dict[str, Quiet]:
    """What was told of each, as of the last look."""
    rows = await tx.execute(
        text("""
            SELECT source, newest_at, listened, said_of, said_at, quiet_from, quiet_until,
                usual_at_most
            FROM desk.silences WHERE source = ANY(CAST(:sources AS text[]))
        """),
        {"sources": list(sources)},
    )
    return {row["source"]: Quiet(*row) for row in rows}
