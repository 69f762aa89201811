"""The books: every accepted submission is in one end or visibly in flight (delivery rule 26).

Each store says for which submissions its own rows speak, in a view named `ledger`; capture
says how far each spool has come. Nothing is found by subtraction: a row that one store has and
another lacks is named. docs/decisions/0006-books-by-ledgers.md
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import msgspec

from libs.common import topics
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
MOST_NAMED: Final = 50
"""Problems named at a time; there are more when there are as many."""


class Problem(NamedTuple):
    """One thing that does not add up: which check found it, and the record or submission."""

    check: str
    id: str


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
_ACCEPTED: Final = "SELECT count(DISTINCT submission_id) FROM enrichment.receipts"
_AHEAD: Final = """
    SELECT count(*) FROM desk.ledger l WHERE state = 'received' AND NOT EXISTS (
        SELECT FROM enrichment.receipts r WHERE r.submission_id = l.submission_id)
"""
"""The desk has read them and enrichment has not: they are among those still in the spools."""
_UNSEEN: Final = """
    SELECT submission_id FROM enrichment.receipts WHERE submission_id IS NOT NULL
    EXCEPT SELECT submission_id FROM desk.ledger
"""
_STATES: Final = "SELECT state, count(*) AS n FROM desk.ledger GROUP BY state"

_PAST_SCORING: Final = "('scored', 'assigned', 'waiting', 'notified', 'undelivered', 'duplicate')"
_PAST_ROUTING: Final = "('assigned', 'waiting', 'notified', 'undelivered', 'duplicate')"
_NOT_DEAD: Final = "state NOT IN ('dead', 'received')"

_SURE: Final = {
    "desk knows it, no receipt": """
        SELECT submission_id::text FROM desk.ledger WHERE state <> 'received'
        EXCEPT SELECT submission_id::text FROM enrichment.receipts""",
    "desk knows it, enrichment does not": f"""
        SELECT submission_id::text FROM desk.ledger WHERE {_NOT_DEAD}
        EXCEPT SELECT submission_id::text FROM enrichment.ledger""",
    "desk knows it, scoring does not": f"""
        SELECT submission_id::text FROM desk.ledger WHERE state IN {_PAST_SCORING}
        EXCEPT SELECT submission_id::text FROM scoring.ledger""",
    "desk knows it, routing does not": f"""
        SELECT submission_id::text FROM desk.ledger WHERE state IN {_PAST_ROUTING}
        EXCEPT SELECT submission_id::text FROM routing.ledger""",
    "enrichment has it, no receipt": """
        SELECT submission_id::text FROM enrichment.ledger
        EXCEPT SELECT submission_id::text FROM enrichment.receipts""",
}
"""True at every moment: whoever is downstream cannot know more than who is upstream."""

_ONCE_QUIET: Final = {
    "a spool's record has no receipt": f"""
        SELECT s.spool || ':' || (gap.after + 1) FROM {_SPOOLS} s, LATERAL (
            SELECT at.sequence AS after,
                   lead(at.sequence, 1, s.acked + 1) OVER (ORDER BY at.sequence) AS before
            FROM (SELECT 0 AS sequence UNION
                  SELECT sequence FROM enrichment.receipts r
                  WHERE r.spool = s.spool AND r.sequence <= s.acked) AS at
        ) AS gap WHERE gap.before > gap.after + 1""",
    "receipts of a spool that capture does not know": f"""
        SELECT DISTINCT spool::text FROM enrichment.receipts
        EXCEPT SELECT spool::text FROM {_SPOOLS} AS known""",
    "receipt without a submission": """
        SELECT submission_id::text FROM enrichment.receipts WHERE submission_id IS NOT NULL
        EXCEPT SELECT submission_id::text FROM enrichment.ledger
        EXCEPT SELECT submission_id::text FROM desk.ledger WHERE state = 'dead'""",
    "enrichment has it, desk does not": """
        SELECT submission_id::text FROM enrichment.ledger
        EXCEPT SELECT submission_id::text FROM desk.ledger""",
    "hydrating, and nobody fetches it": """
        SELECT submission_id::text FROM enrichment.ledger WHERE state = 'hydrating'
        EXCEPT SELECT submission_id::text FROM capture.ledger""",
    "enriched, scoring does not have it": """
        SELECT submission_id::text FROM enrichment.ledger WHERE state = 'enriched'
        EXCEPT SELECT submission_id::text FROM scoring.ledger
        EXCEPT SELECT submission_id::text FROM desk.ledger WHERE state = 'dead'""",
    "scored, routing does not have it": """
        SELECT submission_id::text FROM scoring.ledger
        EXCEPT SELECT submission_id::text FROM routing.ledger
        EXCEPT SELECT submission_id::text FROM desk.ledger WHERE state = 'dead'""",
    "desk is behind its stores": """
        SELECT submission_id::text FROM desk.ledger
        WHERE state IN ('received', 'enriched', 'scored')""",
}
"""True only when nothing is on its way: otherwise these are submissions in flight."""

CHECKS: Final = frozenset({*_SURE, *_ONCE_QUIET})
"""The names that a Problem may have."""


async def balance(runtime: Runtime) -> Books:
    """Count every store apart and compare them, id by id."""
    captured = await _spans(runtime, (topics.CAPTURED,))
    async with _snapshot(runtime) as tx:
        accepted = await _number(tx, _ACCEPTED)
        ahead = await _number(tx, _AHEAD)
        unread = await _unread(tx, "enrichment", captured)
        in_spools = max(await _number(tx, _WAITING), ahead, unread)
        unseen = await _number(tx, f"SELECT count(*) FROM ({_UNSEEN}) AS found")
        states = {row.state: int(row.n) for row in await tx.execute(text(_STATES))}
        problems = [p for check, query in _SURE.items() for p in await _find(tx, check, query)]
        suspects = {c: found for c, q in _ONCE_QUIET.items() if (found := await _find(tx, c, q))}
    if suspects and await _quiet(runtime):
        async with _snapshot(runtime) as tx:
            for check, found in suspects.items():
                again = await _find(tx, check, _ONCE_QUIET[check])
                problems += [problem for problem in found if problem in again]
    terminal = {state: states.pop(state) for state in ENDS if state in states}
    states["received"] = states.get("received", 0) - ahead + in_spools + unseen
    in_flight = sum(states.values())
    return Books(
        accepted=accepted + in_spools,
        terminal=terminal,
        in_flight=in_flight,
        in_flight_states={state: n for state, n in states.items() if n},
        balanced=not problems and accepted + in_spools == sum(terminal.values()) + in_flight,
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


async def _find(tx: Transaction, check: str, query: str) -> list[Problem]:
    rows = await tx.execute(text(f"SELECT * FROM ({query}) AS found LIMIT {MOST_NAMED}"))
    return [Problem(check, str(row[0])) for row in rows]


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
