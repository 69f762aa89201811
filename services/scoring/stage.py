"""The shell of scoring: lock the persons, keep what happened, fold, save, answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

from libs.common import topics
from libs.common.configuration import Configuration, Configurations
from libs.common.database import Transaction
from libs.common.errors import Reject
from libs.common.events import Event, LeadScored, derived_id
from libs.common.failpoints import fail_point
from libs.common.stage.contract import Answer
from libs.common.stage.turns import in_turns
from services.scoring import store
from services.scoring.arrival import Arrival, Gone, Read, arrival, gone, identities, left
from services.scoring.book import Book, compile_rules
from services.scoring.fact import Fact, as_kept
from services.scoring.numbering import Place, number
from services.scoring.rules import RULES
from services.scoring.standing import Standing, Stored, stand
from services.scoring.store import Locked


class ScoringStage:
    """Scores persons from what they did.

    Every enriched submission is answered; an activity only when it changes the score, the
    stage or the temperature.
    """

    name = "scoring"
    topics = (topics.ENRICHED, topics.ACTIVITY)

    def __init__(
        self,
        configurations: Configurations,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._configurations = configurations
        self._now = now
        self._compiled: tuple[Configuration, Book] | None = None

    async def handle(self, tx: Transaction, batch: Sequence[Event]) -> Sequence[Answer]:
        """Score whoever is in the batch once, with all that the batch says of them."""
        read: Sequence[Read] = [_read(event) for event in batch]
        if not any(isinstance(one, Arrival | Gone) for one in read):
            return [_silent(one) for one in read]
        active = await self._configurations.in_force(tx)
        came_of = {one.submission_id for one in read if isinstance(one, Arrival)}
        persons = {person for one in read for person in _named(one)}
        locked = await store.lock(tx, persons, [one for one in came_of if one])
        read = await self._erase(tx, read, locked)
        arrivals = [one for one in read if isinstance(one, Arrival)]
        if not arrivals:
            return [_silent(one) for one in read]
        who = identities(locked.joined_into, arrivals)
        if who.retired:
            await store.join(tx, who.retired)
        places = _places(read, who.survivors)
        stored = {place.person: locked.persons[place.person] for place in places}
        new = await self._keep(tx, places)
        told = [place for place in places if place.arrived.fact and place.arrived.fact.id in new]
        fresh = locked.made.intersection(stored) - set(who.retired.values())
        facts = await self._facts(tx, stored, told, fresh)
        standings = await self._stand(active.content, stored, facts)
        numbers = number(places, new, standings, stored)
        news = {p: standings[p].under(now) for p, now in numbers.grown.items()}
        await store.save(tx, news, active.version)
        answers = [_silent(arrived) for arrived in read]
        for place in places:
            version = numbers.answers.get(place.number)
            if version is not None:
                data = _scored(place, standings[place.person].under(version), active.version)
                answers[place.number] = self._answer(batch[place.number], data)
        return answers

    async def _erase(self, tx: Transaction, read: Sequence[Read], locked: Locked) -> Sequence[Read]:
        """Erase what is to be erased, before all else; what is left of the slice."""
        words = [one for one in read if isinstance(one, Gone)]
        whole = {person for one in words if not one.submission_id for person in one.persons}
        if whole:
            await store.erase_persons(tx, whole)
            fail_point("scoring.erasing")
        if some := {one.submission_id: one.persons[0] for one in words if one.submission_id}:
            told = [fact for one in words for fact in one.told]
            await store.erase_submissions(tx, some, told, self._now())
        ended: AbstractSet[str] = locked.ended
        if words:  # what they end is not in what was found before
            came_of = {one.submission_id for one in read if isinstance(one, Arrival)}
            ended = await store.erased_of(tx, [one for one in came_of if one])
        return [left(one, whole | locked.erased, ended) for one in read]

    async def _keep(self, tx: Transaction, places: Sequence[Place]) -> set[str]:
        submissions = {
            place.arrived.enriched.submission_id: place.person
            for place in places
            if place.arrived.enriched
        }
        facts: dict[str, tuple[str, Fact]] = {}
        for place in places:
            if place.arrived.fact:
                facts.setdefault(place.arrived.fact.id, (place.person, place.arrived.fact))
        return await store.add(tx, list(facts.values()), submissions, self._now())

    async def _facts(
        self,
        tx: Transaction,
        persons: Iterable[str],
        told: Sequence[Place],
        fresh: AbstractSet[str],
    ) -> dict[str, list[Fact]]:
        """What happened to each person; of those who are `fresh`, what has just been told."""
        facts: dict[str, list[Fact]] = {person: [] for person in fresh}
        seen = set()
        for place in told:
            fact = place.arrived.fact
            if fact is None or fact.id in seen:
                continue
            seen.add(fact.id)
            if place.person in facts:
                facts[place.person].append(as_kept(fact))
        known = {p: told for p, told in facts.items() if len(told) < store.MOST_FACTS}
        others = await store.facts_of(tx, [person for person in persons if person not in known])
        full = [person for person, told in others.items() if len(told) == store.MOST_FACTS]
        await store.drop_unscored(tx, full)
        return known | others

    async def _stand(
        self,
        content: Configuration,
        persons: Mapping[str, Stored],
        facts: Mapping[str, Sequence[Fact]],
    ) -> dict[str, Standing]:
        rules, now = self._rules(content), self._now()
        standings: dict[str, Standing] = {}
        async for person in in_turns(sorted(persons)):
            standings[person] = stand(facts[person], rules, content.scoring, persons[person], now)
        return standings

    def _rules(self, content: Configuration) -> Book:
        if self._compiled is None or self._compiled[0] is not content:
            self._compiled = (content, compile_rules(RULES, content.scoring.rules))
        return self._compiled[1]

    def _answer(self, cause: Event, data: LeadScored) -> Answer:
        event = Event(
            id=derived_id("scored", cause.id),
            key=data.person_id,
            time=self._now(),
            data=data,
            source="/sarnakh/scoring",
            round=cause.round,
        )
        return Answer((event,))

    def committed(self) -> None:
        """Nobody waits for the rows of this stage."""


def _read(event: Event) -> Read:
    try:
        return gone(event.data) or arrival(event.data, event.time)
    except Reject as rejected:
        return rejected


def _named(one: Read) -> tuple[str, ...]:
    """The persons that it concerns."""
    if isinstance(one, Arrival):
        return (one.person_id, *one.joined)
    return one.persons if isinstance(one, Gone) else ()


def _silent(one: Read) -> Answer:
    return Answer(rejected=one) if isinstance(one, Reject) else Answer()


def _places(read: Sequence[Read], survivors: Mapping[str, str]) -> list[Place]:
    return [
        Place(at, survivors[arrived.person_id], arrived)
        for at, arrived in enumerate(read)
        if isinstance(arrived, Arrival)
    ]


def _scored(place: Place, standing: Standing, config: int) -> LeadScored:
    enriched = place.arrived.enriched
    return LeadScored(
        person_id=place.person,
        version=standing.score.version,
        score=standing.score,
        stage=standing.stage,
        temperature=standing.temperature,
        stage_reason=standing.reason,
        submission_id=enriched.submission_id if enriched else None,
        enriched=enriched,
        config_version=config,
    )
