"""The shell of visits: which are kept waiting, and which are told of, now and by timers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple
from uuid import UUID

from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Event
from libs.common.stage import timers
from services.enrichment.dedupe import Carried, Claim, First, Settled, Visit
from services.enrichment.effects import touches
from services.enrichment.identify import SCAN, Identifier
from services.enrichment.intake import Item
from services.enrichment.late_scan import learnt, naming, said
from services.enrichment.store import carried, identity, unscanned
from services.enrichment.store import visits as store
from services.enrichment.store.identity import Held
from services.enrichment.store.visits import Day
from services.enrichment.visits import (
    MOST_A_DAY,
    MOST_AT_ONCE,
    MOST_TURNS,
    after_scans,
    due,
    scans_in,
    told,
    turn_of,
    under_carriers,
    visit_of,
    with_carriers,
)

_SCHEMA: Final = "enrichment"


async def with_scans(tx: Transaction, items: Sequence[Item]) -> list[Item]:
    """Keep the scans that the slice brings, and put into touches what is known of theirs."""
    fresh = scans_in(items)
    await store.save_scans(tx, fresh)
    named = [i.draft.attribution.scan for i in items if i.draft and i.draft.attribution.scan]
    scans = await store.find_scans(tx, named)
    return after_scans(items, scans) if scans else list(items)


async def known(tx: Transaction, items: Sequence[Item]) -> Mapping[str, str]:
    """Persons of visits that come again: a replay gives them to nobody else."""
    return await store.known(tx, [i.stored.id for i in items if i.is_visit and i.stored])


class Holding(NamedTuple):
    """Claims whose identifiers nobody else can touch."""

    claims: Sequence[Claim | Visit]
    held: Held
    carried: Carried


async def hold(tx: Transaction, brought: Sequence[Claim | Visit]) -> Holding:
    """Lock what the claims name, a scan's with the keys of the visits read before it.

    Raises Retry where another visit came with such a scan's token meanwhile.
    """
    tokens = {one.value for claim in brought for one in claim.locks if one.kind == SCAN}
    claims = with_carriers(brought, await carried.find(tx, tokens))
    locks = {identifier for claim in claims for identifier in claim.locks}
    held = await identity.lock_identifiers(tx, locks)
    came = await carried.find(tx, tokens)
    claims = with_carriers(brought, came)
    if any(not locks.issuperset(claim.locks) for claim in claims):
        raise Retry("visits that a scan led to", after=0.1)
    return Holding(claims, held, came)


def due_persons(batch: Iterable[Event]) -> set[str]:
    """Of whom timers say that more is to be told."""
    return {person for event in batch if (person := _due_person(event))}


async def follow(
    tx: Transaction,
    batch: Sequence[Event],
    items: Sequence[Item],
    settled: Settled,
    now: datetime,
) -> dict[str, list[Event]]:
    """Keep the slice's visits; what is to be told, by the event that made it known."""
    telling, put = await _keep(tx, items, settled, now)
    read = {one.token for one in scans_in(items)}
    await carried.drop(
        tx, [t for t in settled.carried if t in read or Identifier(SCAN, t) in settled.owners]
    )
    awaited = settled.awaited | put
    firsts = {
        identifier: First(settled.living(first.person_id), first.cause)
        for identifier, first in settled.firsts.items()
        if identifier in awaited
    }
    await _tell(tx, firsts, dict.fromkeys((f.person_id for f in firsts.values()), 0), telling, now)
    for event in batch:
        turn, person = turn_of(event), _due_person(event)
        if turn is not None and person is not None and turn < MOST_TURNS:
            keys = await store.first_of(tx, person)
            owed = dict.fromkeys(keys, First(settled.living(person), event.id))
            await _tell(tx, owed, {settled.living(person): turn}, telling, now)
    return telling


async def catch_up(
    tx: Transaction, items: Sequence[Item], settled: Settled, now: datetime
) -> dict[str, list[Event]]:
    """Keep touches that name unread scans, and tell of those whose scan the slice brings.

    What is told, by the event behind it. Raises Retry where such a scan has come meanwhile.
    """
    if any(item.draft and item.draft.attribution.scan for item in items):
        unread = naming(items, touches(items, settled))
        if await store.find_scans(tx, {one.token for one in unread}):
            raise Retry("a scan that was being read", after=0.1)
        await unscanned.note(tx, unread)
    fresh = {scan.token: scan for scan in reversed(scans_in(items))}
    waiting = await unscanned.find(tx, fresh)
    telling: dict[str, list[Event]] = defaultdict(list)
    if waiting:
        known = learnt(waiting, {token: scan.attribution for token, scan in fresh.items()})
        await unscanned.fill(tx, {one.touch_id: one.touch.attribution for one in known})
        await unscanned.drop(tx, fresh)
        living = await identity.living(tx, {one.person_id for one in known if one.person_id})
        causes = {i.captured.submission_id: i.event.id for i in items if i.captured and i.is_visit}
        for one in known:
            whose = living.get(one.person_id or "")
            telling[causes[fresh[one.token].submission_id]].append(said(one, whose, now))
    return telling


async def _keep(
    tx: Transaction, items: Sequence[Item], settled: Settled, now: datetime
) -> tuple[dict[str, list[Event]], frozenset[Identifier]]:
    """Visits of somebody are told at once, the others wait; what a robot did does neither.

    What is told, by the event behind it, and under which keys others wait now.
    """
    telling: dict[str, list[Event]] = defaultdict(list)
    ats: dict[str, datetime] = {}
    persons: dict[str, str] = {}
    unknown = []
    room = await _room(tx, items, settled)
    for item in items:
        captured = item.captured
        if captured is None or item.action != "content" or not _is_nobodys(item):
            continue
        ats[captured.submission_id] = captured.received_at
        visit = visit_of(item, {})
        person = settled.person_of(item.event.id)
        if person:
            persons[captured.submission_id] = person
            day = Day(person, captured.received_at.astimezone(UTC).date())
            room[day] -= not item.stored
            if item.stored or room[day] >= 0:
                telling[item.event.id].append(told(captured, person, now))
        elif visit:
            unknown.append(under_carriers(visit, settled.carried))
    await store.save(tx, ats, persons)
    again = {item.stored.id for item in items if item.stored}
    await store.take(tx, {id_: person for id_, person in persons.items() if id_ in again})
    await store.wait(tx, unknown, ats)
    came = [v for v in unknown if not v.is_scan and v.scan not in settled.owners]
    await carried.note(tx, came, ats)
    return telling, frozenset(key for visit in unknown for key in visit.identifiers)


async def _room(tx: Transaction, items: Sequence[Item], settled: Settled) -> dict[Day, int]:
    """How many visits may still be told of each person and day that the slice brings."""
    days = {
        Day(person, item.captured.received_at.astimezone(UTC).date())
        for item in items
        if item.captured and (person := settled.person_of(item.event.id)) and _is_nobodys(item)
    }
    known = await store.count(tx, days, MOST_A_DAY)
    return {day: MOST_A_DAY - known[day] for day in days}


def _is_nobodys(item: Item) -> bool:
    return item.verdict is not None and item.verdict.outcome == "activity"


async def _tell(
    tx: Transaction,
    firsts: Mapping[Identifier, First],
    turns: Mapping[str, int],
    telling: dict[str, list[Event]],
    now: datetime,
) -> None:
    """Tell of what waited under keys that are somebody's now; more of it is a timer's matter."""
    found = await store.waiting(tx, firsts, MOST_AT_ONCE)
    taken: dict[str, str] = {}
    for one in reversed(found):
        first, id_ = firsts[one.identifier], one.captured.submission_id
        if id_ not in taken:
            taken[id_] = first.person_id
            telling[first.cause].append(told(one.captured, first.person_id, now))
    await store.take(tx, taken)
    if len(found) == MOST_AT_ONCE:
        causes = {first.person_id: first.cause for first in firsts.values()}
        planned = [due(p, causes[p], turn + 1, now) for p, turn in sorted(turns.items())]
        await timers.plan_all(tx, _SCHEMA, planned)


def _due_person(event: Event) -> str | None:
    if turn_of(event) is None:
        return None
    try:
        return str(UUID(event.data.person_id))  # type: ignore[union-attr]  # turn_of has looked
    except ValueError:
        return None
