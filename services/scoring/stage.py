"""The shell of scoring: lock the persons, keep what happened, fold, save, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common import topics
from libs.common.configuration import Active, Configuration, Configurations
from libs.common.errors import Reject
from libs.common.events import Event, LeadScored, derived_id
from libs.common.stage.contract import Answer
from libs.common.stage.turns import in_turns
from services.scoring import store
from services.scoring.arrival import Arrival, arrival, identities
from services.scoring.rules import RULES
from services.scoring.score import Compiled, compile_rules
from services.scoring.standing import Standing, Stored, stand

Owned = tuple[str, Arrival]
"""What arrived, and the person that it is of now."""


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
        self._compiled: tuple[Configuration, tuple[Compiled, ...]] | None = None

    async def handle(self, tx: AsyncConnection, batch: Sequence[Event]) -> Sequence[Answer]:
        """Score whoever is in the batch once, with all that the batch says of them."""
        read = [_read(event) for event in batch]
        arrivals = [arrived for arrived in read if isinstance(arrived, Arrival)]
        if not arrivals:
            return [_silent(arrived) for arrived in read]
        active = await self._configurations.in_force(tx)
        everybody = {person for a in arrivals for person in (a.person_id, *a.joined)}
        locked = await store.lock(tx, everybody)
        who = identities(locked.joined_into, arrivals)
        if who.retired:
            await store.join(tx, who.retired)
        owned = [(who.survivors[arrived.person_id], arrived) for arrived in arrivals]
        await self._keep(tx, owned)
        standings = await self._stand(tx, active, {p: locked.persons[p] for p, _ in owned})
        return self._answers(batch, read, who.survivors, standings, active.version)

    async def _keep(self, tx: AsyncConnection, owned: Sequence[Owned]) -> None:
        await store.add(tx, [(person, arrived.fact) for person, arrived in owned])
        submissions = {a.enriched.submission_id: person for person, a in owned if a.enriched}
        if submissions:
            await store.note_submissions(tx, submissions, self._now())

    async def _stand(
        self, tx: AsyncConnection, active: Active, persons: Mapping[str, Stored]
    ) -> dict[str, Standing]:
        rules = self._rules(active.content)
        thresholds = active.content.scoring.thresholds
        facts = await store.facts_of(tx, persons)
        standings: dict[str, Standing] = {}
        async for person in in_turns(sorted(persons)):
            standings[person] = stand(facts[person], rules, thresholds, persons[person])
        news = {person: new for person, new in standings.items() if new.is_news}
        if news:
            await store.save(tx, news, active.version)
        return standings

    def _rules(self, content: Configuration) -> tuple[Compiled, ...]:
        if self._compiled is None or self._compiled[0] is not content:
            self._compiled = (content, compile_rules(RULES, content.scoring.rules))
        return self._compiled[1]

    def _answers(
        self,
        batch: Sequence[Event],
        read: Sequence[Arrival | Reject | None],
        survivors: Mapping[str, str],
        standings: Mapping[str, Standing],
        config: int,
    ) -> list[Answer]:
        told = _told(read, survivors, standings)
        answers = []
        for place, (event, arrived) in enumerate(zip(batch, read, strict=True)):
            if place not in told or not isinstance(arrived, Arrival):
                answers.append(_silent(arrived))
                continue
            person = survivors[arrived.person_id]
            data = _scored(person, standings[person], arrived, config)
            answers.append(Answer((self._event(event, person, data),)))
        return answers

    def _event(self, cause: Event, person: str, data: LeadScored) -> Event:
        return Event(
            id=derived_id("scored", cause.id),
            key=person,
            time=self._now(),
            data=data,
            source="/sarnakh/scoring",
            round=cause.round,
        )

    def committed(self) -> None:
        """Nobody waits for the rows of this stage."""


def _read(event: Event) -> Arrival | Reject | None:
    try:
        return arrival(event.data)
    except Reject as rejected:
        return rejected


def _silent(arrived: Arrival | Reject | None) -> Answer:
    return Answer(rejected=arrived) if isinstance(arrived, Reject) else Answer()


def _told(
    read: Sequence[Arrival | Reject | None],
    survivors: Mapping[str, str],
    standings: Mapping[str, Standing],
) -> set[int]:
    """The places that are answered: each submission; else a person's last activity, if news."""
    submissions: dict[str, list[int]] = {}
    activities: dict[str, int] = {}
    for place, arrived in enumerate(read):
        if isinstance(arrived, Arrival):
            person = survivors[arrived.person_id]
            if arrived.enriched:
                submissions.setdefault(person, []).append(place)
            elif standings[person].is_news:
                activities[person] = place
    last = {place for person, place in activities.items() if person not in submissions}
    return last.union(*submissions.values())


def _scored(person: str, standing: Standing, arrived: Arrival, config: int) -> LeadScored:
    return LeadScored(
        person_id=person,
        version=standing.score.version,
        score=standing.score,
        stage=standing.stage,
        temperature=standing.temperature,
        stage_reason=standing.reason,
        submission_id=arrived.enriched.submission_id if arrived.enriched else None,
        enriched=arrived.enriched,
        config_version=config,
    )
