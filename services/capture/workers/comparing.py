"""Writes down what came of a page of a list, and tells what the comparing found, by the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from libs.common.configuration import values
from libs.common.configuration.schema import Source
from libs.common.database import Transaction
from libs.common.events import Activity, Event, derived_id
from libs.common.log import Record
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.capture.fetching.hydrate import Step
from services.capture.fetching.pace import Try
from services.capture.reconciling.coming import Listed
from services.capture.reconciling.reconcile import Pull, Turn, after
from services.capture.sources import KINDS
from services.capture.sources.fetch import Throttled
from services.capture.sources.listing import Found, Page
from services.capture.store import arrivals, paces, pulls
from services.capture.store.arrivals import Compared
from services.capture.store.fetches import Claim
from services.capture.store.pulls import Standing
from services.capture.workers.settling import Clock, paced, waits

RECONCILED: Final = "source.reconciled"
TOLD_OVER: Final = timedelta(days=7)
"""What is told of a source is about its leads that came in this span."""


class Ours(NamedTuple):
    """A page that is ours to ask for, and what of it no call had brought."""

    pull: Pull
    by: Claim
    taken: tuple[str, ...] = ()
    """Ids of the submissions that were taken in."""


class Comparing:
    """The only writer of what a pull has come to; one whose claim is lost changes nothing.

    Locks are taken as the fetcher does, the source first; and then as the stage does, what came
    by the list before what is to be fetched.
    """

    def __init__(self, runtime: Runtime, clock: Clock) -> None:
        self._clock = clock
        self._inputs = Inputs("capture", runtime)

    async def settle(self, ours: Ours, found: Found, chance: float, source: Source) -> None:
        """Apply an answer, once. Raises Retry with nothing done while Postgres is away."""
        pull, by, taken = ours

        async def work(tx: Transaction) -> Sequence[Event | Record]:
            pace = await paces.lock_source(tx, source.kind, source.key)
            if pace is None or not await pulls.is_claimed(tx, pull, by.token):
                return ()
            now = await self._clock(tx)
            this = Try(by.now, now, by.credentials, chance)
            turn = after(found, pull, pace, this, values.duration(source.reconcile))
            resumed = pace.reason is not None and turn.pace.reason is None
            step = Step(turn.pace, recovered=resumed or turn.pace.failures < pace.failures)
            brought = [Listed(each, source.kind, source.key, now) for each in taken]
            await arrivals.note_listed(tx, brought)
            said: list[Event | Record] = [*await paced(tx, (pace, None), step, now)]
            said += waits(pace, turn.pace, now, throttled=isinstance(found, Throttled))
            await pulls.save(tx, turn.pull, turn.due_at, now if turn.is_done else None)
            if isinstance(found, Page) and found.places:
                await pulls.add(tx, _named(pull, found), now, pull.number + 1)
            return [*said, *await self._told(tx, (turn, by.token), source, now)]

        await self._inputs.take(derived_id("pull", by.token), work)

    @staticmethod
    async def _told(
        tx: Transaction, ours: tuple[Turn, str], source: Source, now: datetime
    ) -> list[Event]:
        """How it does, once all of its lists are through or when one of them cannot be had."""
        turn, token = ours
        if not turn.is_done and not turn.tells:
            return []
        stands = await pulls.standing(tx, source.kind, source.key, in_force(source), now)
        if stands.is_busy and not turn.tells:
            return []
        whose = (source.kind, source.key)
        every = await arrivals.compared(tx, now - TOLD_OVER)
        found = next(each for each in every if (each.kind, each.source) == whose)
        return [_word(found, stands, token, now)]


def _named(pull: Pull, page: Page) -> list[Pull]:
    """Lists that another one names: ours since that one is."""
    return [Pull(pull.kind, pull.source, place, floor=pull.floor) for place in set(page.places)]


def in_force(source: Source) -> tuple[str, ...] | None:
    """Which lists of a source are to be read; None where the account names its own."""
    listing = KINDS[source.kind].listing
    places = listing.places(source) if listing else ()
    return None if "" in places else places


def _word(found: Compared, stands: Standing, token: str, now: datetime) -> Event:
    id_ = derived_id(RECONCILED, token)
    data = {
        "source": found.source,
        "source_kind": found.kind,
        "compared": stands.compared,
        "missing": found.missing,
        "late": found.late,
        "repeated": found.repeated,
        "days": TOLD_OVER.days,
        **({"trouble": stands.trouble} if stands.trouble else {}),
    }
    told = Activity(activity_id=id_, type=RECONCILED, at=now, data=data)
    return Event(id_, found.source, now, told, source="/sarnakh/capture")
