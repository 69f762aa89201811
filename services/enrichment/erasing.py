"""The shell of erasing: lock all that is somebody's, empty it, and say so.

Before everything else of a slice, so that what comes with its own erasure is never told of.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from libs.common.database import Transaction
from libs.common.errors import Reject, Retry
from libs.common.events import Activity, Event, LeadCaptured, as_id
from libs.common.failpoints import fail_point
from libs.common.stage.contract import Answer
from services.enrichment import ending, erase
from services.enrichment.erase import Asked
from services.enrichment.fold import Profile
from services.enrichment.identify import Identifier
from services.enrichment.store import conflicts, ends, identity, messages, nobodys
from services.enrichment.store import erasing as store
from services.enrichment.store.erasing import Standing


class _Held(NamedTuple):
    """Everything of a person, locked in the order of delivery rule 12."""

    persons: Sequence[str]
    profile: Profile | None
    submissions: Sequence[Standing]
    identifiers: Sequence[Identifier]
    awaited: Sequence[Identifier]
    """Under which visits wait for them, though somebody else may have them by now."""
    conflicts: Sequence[str] = ()
    """Events that brought what names them under somebody else's key."""


async def apply(
    tx: Transaction, asked: Sequence[Event], country: str, now: datetime
) -> dict[str, Answer]:
    """Erase what the events ask for; the answers by event.

    Raises Retry while others change the same persons.
    """
    readable = {event.id: _id_in(event) for event in asked}
    words = [e for e in asked if isinstance(e.data, LeadCaptured) and readable[e.id]]
    await store.make_tombstones(tx, words, now)
    answers = {}
    for event in asked:
        subject = readable[event.id]
        if subject is None:
            answers[event.id] = Answer(rejected=Reject("erasure_of_nothing"))
        elif erase.is_due(event):
            answers[event.id] = Answer(tuple(await ending.tell_more(tx, event, subject, now)))
        elif isinstance(event.data, Activity):
            answers[event.id] = await _person(tx, event, subject, country, now)
        else:
            answers[event.id] = Answer(tuple(await _taken_back(tx, event, subject, country, now)))
    return answers


def _id_in(event: Event) -> str | None:
    data = event.data
    asked = data.person_id if isinstance(data, Activity) else data.submission_id
    try:
        return as_id(asked or "")
    except ValueError:
        return None


async def _person(
    tx: Transaction, event: Event, person_id: str, country: str, now: datetime
) -> Answer:
    held = await _hold(tx, person_id, also_held=True)
    if held is None:
        return Answer(rejected=Reject("person_unknown"))
    if held.profile is None:
        return Answer()
    held = held._replace(conflicts=await conflicts.with_keys(tx, held.identifiers, country))
    return Answer(tuple(await _whole(tx, event, held, now)))


async def _taken_back(
    tx: Transaction, event: Event, submission_id: str, country: str, now: datetime
) -> list[Event]:
    """The submission, and what was sent anew with its content: who takes it back knows one id."""
    ended = []
    for each in (submission_id, *await messages.sent_anew(tx, submission_id)):
        ended += await _submission(tx, event, each, country, now)
    return ended


async def _submission(
    tx: Transaction, event: Event, submission_id: str, country: str, now: datetime
) -> list[Event]:
    """The submission, and its person with it where nothing else is left."""
    found = await store.lock_submission(tx, submission_id)
    held = await _hold(tx, found.person_id) if found.person_id else None
    if found.is_erased or held is None or held.profile is None:
        if not found.is_erased:
            await store.empty(tx, [submission_id], [], now)
        return [erase.submission_erased(found.gone, found.person_id, now)]
    resent = await store.resends_of(tx, submission_id)
    await store.empty(tx, [submission_id], held.persons, now)
    told = await store.told_of(tx, held.persons, country)
    left = erase.left(held.profile, told, submission_id)
    if left is None:
        return await _whole(tx, event, held, now)
    dropped = set(held.identifiers) - left.identifiers
    await ending.take_away(tx, dropped.intersection(held.awaited), held.persons, now)
    await store.drop_identifiers(tx, dropped, held.persons)
    version = await store.keep_person(tx, held.persons, left.profile, now)
    return [
        erase.submission_erased(found.gone, held.persons[0], now),
        *erase.person_stays(
            found.gone, erase.without(found.gone, held.persons, left, version, resent), now
        ),
        *await ending.tell(tx, event, held.persons, now),
    ]


async def _whole(tx: Transaction, event: Event, held: _Held, now: datetime) -> list[Event]:
    """Nothing is left of the person; each submission hears its end, visits with the person.

    One that was held was never theirs, so its end is told under its own key.
    """
    before = [o.gone.id for o in held.submissions if o.person_id is None and o.gone.is_visit]
    await store.empty(tx, [one.gone.id for one in held.submissions], held.persons, now)
    await ends.owe(tx, before, held.persons[0])
    await ending.take_away(tx, held.awaited, held.persons, now)
    await conflicts.empty(tx, held.conflicts)
    fail_point("enrichment.erasing.emptied")
    await store.drop_identifiers(tx, held.identifiers, held.persons)
    fail_point("enrichment.erasing.let_go")
    await store.erase_persons(tx, held.persons, now)
    person = held.persons[0]
    own = [
        erase.submission_erased(one.gone, person if one.person_id else None, now)
        for one in held.submissions
        if not one.gone.is_visit
    ]
    gone = [one.gone for one in held.submissions]
    return [
        *erase.person_erased(held.persons, gone, held.conflicts, now, _asked(event)),
        *own,
        *await ending.tell(tx, event, held.persons, now),
    ]


def _asked(event: Event) -> Asked:
    if not isinstance(event.data, Activity):
        return Asked()
    reason = event.data.data.get("reason")
    return Asked(event.data.actor, reason if isinstance(reason, str) else "")


async def _hold(tx: Transaction, person_id: str, *, also_held: bool = False) -> _Held | None:
    """Lock a person with all that is theirs: submissions, identifiers, then persons.

    With `also_held` what is nobody's and brings a key of theirs, too. None for one that is
    unknown. Raises Retry where something came to them meanwhile.
    """
    persons = await store.family(tx, person_id)
    if not persons:
        return None
    identifiers = await store.identifiers_of(tx, persons)
    awaited = await ends.awaited(tx, persons)
    held = await nobodys.with_keys(tx, identifiers) if also_held else []
    submissions = await store.lock_submissions(tx, persons, held)
    await identity.lock_identifiers(tx, [*identifiers, *awaited])
    profile = await store.lock_person(tx, persons)
    now = (
        await store.family(tx, person_id),
        [one.gone.id for one in await store.lock_submissions(tx, persons, held)],
        await store.identifiers_of(tx, persons),
        await ends.awaited(tx, persons),
    )
    if now != (persons, [one.gone.id for one in submissions], identifiers, awaited):
        raise Retry("a person that is being changed", after=0.1)
    return _Held(persons, profile, submissions, identifiers, awaited)
