"""The books: every accepted submission is in one end or visibly in flight (delivery rule 26).

Each store says for which submissions its own rows speak, in a view named `ledger`; capture
says how far each spool has come. Nothing is found by subtraction: a row that one store has and
another lacks is named. docs/decisions/0006-books-by-ledgers.md
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from libs.common import topics
from libs.common.books.ledgers import MOST_NAMED, ONCE_QUIET, SURE, Problem, compared
from libs.common.database import Transaction
from libs.common.database.statements import text
from libs.common.log import LogUnavailable, Partition
from libs.common.runtime import Runtime
from libs.common.stage.journal import Journal

ENDS: Final = (
    "notified",
    "undelivered",
    "duplicate",
    "activity",
    "quarantined",
    "dead",
    "test",
    "discarded",
    "erased",
)
READS: Final = {
    "capture": (topics.CAPTURED, topics.ACTIVITY),
    "enrichment": (topics.CAPTURED, topics.ACTIVITY),
    "scoring": (topics.ENRICHED, topics.ACTIVITY),
    "routing": (topics.SCORED, topics.ACTIVITY),
    "desk": topics.ALL,
}


class Books(msgspec.Struct, frozen=True):
    """The balance at one moment. `problems` is empty when `balanced`."""

    accepted: int
    terminal: dict[str, int]
    in_flight: int
    in_flight_states: dict[str, int]
    balanced: bool
    problems: list[Problem]


_SPOOLS: Final = """(
    SELECT spool, high, acked FROM capture.spools
    UNION ALL SELECT spool, high, acked FROM desk.spools)"""
"""What has been accepted: at capture's doors, and put in by staff at the desk."""
_WAITING: Final = f"""
    SELECT coalesce(sum(greatest(s.high - coalesce(r.seen, 0), 0)), 0)
    FROM {_SPOOLS} s
    LEFT JOIN (SELECT spool, count(*) AS seen FROM enrichment.receipts GROUP BY spool) r
      ON r.spool = s.spool
"""
_GAPS: Final = f"""
    SELECT s.spool || ':' || (gap.after + 1) FROM {_SPOOLS} s, LATERAL (
        SELECT at.sequence AS after,
               lead(at.sequence, 1, s.acked + 1) OVER (ORDER BY at.sequence) AS before
        FROM (SELECT 0 AS sequence UNION
              SELECT sequence FROM enrichment.receipts r
              WHERE r.spool = s.spool AND r.sequence <= s.acked) AS at
    ) AS gap WHERE gap.before > gap.after + 1
"""
_STRANGERS: Final = f"""
    SELECT DISTINCT spool::text FROM enrichment.receipts
    EXCEPT SELECT spool::text FROM {_SPOOLS} AS known
"""
_OF_SPOOLS: Final = {
    "a spool's record has no receipt": _GAPS,
    "receipts of a spool that capture does not know": _STRANGERS,
}
"""True only when nothing is on its way, as `ledgers.ONCE_QUIET`."""

CHECKS: Final = frozenset({*SURE, *ONCE_QUIET, *_OF_SPOOLS})
"""The names that a Problem may have."""


async def balance(runtime: Runtime) -> Books:
    """Count every store apart and compare them, id by id."""
    captured = await _spans(runtime, (topics.CAPTURED,))
    async with _snapshot(runtime) as tx:
        all_stores = await compared(tx, (*SURE, *ONCE_QUIET))
        unread = await _unread(tx, "enrichment", captured)
        in_spools = max(await _number(tx, _WAITING), all_stores.ahead, unread)
        suspects = await _of_spools(tx)
    problems = [each for each in all_stores.problems if each.check in SURE]
    suspects += [each for each in all_stores.problems if each.check in ONCE_QUIET]
    if suspects and await _quiet(runtime):
        async with _snapshot(runtime) as tx:
            again = [*(await compared(tx, ONCE_QUIET)).problems, *await _of_spools(tx)]
        problems += [problem for problem in suspects if problem in again]
    states = dict(all_stores.states)
    terminal: dict[str, int] = {n: states.pop(n) for n in ENDS if n in states}
    waiting = states.get("received", 0) - all_stores.ahead + in_spools + all_stores.unseen
    states["received"] = waiting
    in_flight, accepted = sum(states.values()), all_stores.accepted + in_spools
    return Books(
        accepted=accepted,
        terminal=terminal,
        in_flight=in_flight,
        in_flight_states={state: n for state, n in states.items() if n},
        balanced=not problems and accepted == sum(terminal.values()) + in_flight,
        problems=problems[:MOST_NAMED],
    )


@asynccontextmanager
async def _snapshot(runtime: Runtime) -> AsyncIterator[Transaction]:
    """One moment of all stores: a short snapshot, given back at once (rule 24)."""
    async with runtime.database.transaction() as tx:
        await tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        yield tx


async def _number(tx: Transaction, query: str) -> int:
    return int((await tx.execute(text(query))).scalar_one())


async def _of_spools(tx: Transaction) -> list[Problem]:
    found = []
    for check, query in _OF_SPOOLS.items():
        rows = await tx.execute(text(f"SELECT * FROM ({query}) AS found LIMIT {MOST_NAMED}"))
        found += [Problem(check, str(row[0])) for row in rows]
    return found


async def _spans(runtime: Runtime, names: Sequence[str]) -> Mapping[Partition, range]:
    """What the log holds; nothing while it is away, when the spools' marks must do."""
    try:
        return await runtime.log.spans(names)
    except LogUnavailable:
        return {}


async def _unread(tx: Transaction, schema: str, spans: Mapping[Partition, range]) -> int:
    """How many of these records the stage has not applied, by its own positions."""
    applied = await Journal(schema).positions(tx)
    return sum(max(0, s.stop - max(s.start, applied.get(lane, 0))) for lane, s in spans.items())


async def _quiet(runtime: Runtime) -> bool:
    """Whether nothing is on its way between two stores: all applied, all answers published."""
    spans = await _spans(runtime, topics.ALL)
    if not spans:
        return False
    async with _snapshot(runtime) as tx:
        for schema, read in READS.items():
            mine = {lane: span for lane, span in spans.items() if lane.topic in read}
            waiting = text(f"SELECT 1 FROM {schema}.journal WHERE published_at IS NULL LIMIT 1")
            if await _unread(tx, schema, mine) or (await tx.execute(waiting)).first():
                return False
    return True
