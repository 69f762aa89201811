"""The messages of a chat in any order, with repeats, closed leads and an erasure between them.

Whatever happens, each is told once: as what its conversation began with, as a touch of that, or as
a submission of its own (services/enrichment/placing.py).
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from libs.common.erasing import ASKED
from libs.common.events import Activity, Event, SubmissionEnriched
from tests.integration.enrichment.conftest import START, Captured, Service
from tests.integration.enrichment.test_messages import SAID, Talk, anew, message_of

MESSAGES = 20
_STORED = (
    "SELECT id::text, outcome, round, event_id::text FROM enrichment.submissions",
    "SELECT id::text, submission_id::text FROM enrichment.touches",
    "SELECT event_id::text FROM enrichment.resends",
    "SELECT submission_id::text FROM enrichment.apart",
    "SELECT id::text, profile::text FROM enrichment.persons",
    "SELECT kind, value, person_id::text FROM enrichment.identifiers",
)


class History:
    """What was written in one chat, and what enrichment has told of it."""

    def __init__(self, service: Service, captured: Captured, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - which order is not a secret
        self.service, self.talk = service, Talk(captured)
        self.is_held = seed % 4 == 2
        """Whether what it began with is."""
        self.wrote: list[Event] = []
        self.words: list[Event] = []
        """Routing's: that it found a lead closed."""
        self.lost = 0
        """How many were written before their person was erased."""
        self.submissions: set[str] = set()
        self.touches: Counter[str] = Counter()

    async def take(self, *batch: Event) -> list[Event]:
        """What one slice tells; the journal leaves out what is in it twice."""
        once = {event.id: event for event in batch}
        told = [e for answer in await self.service.take(*once.values()) for e in answer.events]
        for event in told:
            if isinstance(event.data, SubmissionEnriched):
                self.submissions.add(event.data.submission_id)
            elif isinstance(event.data, Activity) and event.data.type == "submission.resent":
                self.touches[event.data.data["message"]] += 1
        return told

    async def write(self) -> None:
        """One message more, among some that came before; the lead may be closed by then."""
        number = len(self.wrote)
        since = (datetime.now(UTC) - START).total_seconds() + 60 if self.lost else 0
        odd = {"held": "unexpected_shape"} if self.is_held and not number else {}
        self.wrote.append(self.talk.said(self.chance.choice(SAID), after=since + number, **odd))
        again = self.chance.choices([*self.wrote, *self.words], k=self.chance.randrange(3))
        batch = [self.wrote[-1], *again]
        self.chance.shuffle(batch)
        is_over = bool(self.words) or self.is_held
        touches = [one for one in await self.take(*batch) if isinstance(one.data, Activity)]
        assert not (is_over and touches), "of what is over, or held, nothing is a touch"
        if touches and self.chance.random() < 0.4:
            await self._find_closed(self.chance.choice(touches))

    async def _find_closed(self, touch: Event) -> None:
        assert isinstance(touch.data, Activity)
        said = next(one for one in self.wrote if message_of(one) == touch.data.data["message"])
        self.words.append(anew(self.talk, touch.key, said))
        await self.take(*self.chance.choices([self.words[-1], said], k=2), self.words[-1])

    async def erase(self) -> None:
        """Everybody asks to be forgotten."""
        living = "SELECT id::text FROM enrichment.persons WHERE erased_at IS NULL"
        for (person,) in await self.service.rows(living):
            asked = Activity(str(uuid.uuid4()), ASKED, START, actor="mina", person_id=person)
            await self.service.take(Event(asked.activity_id, person, START, asked))
        self.lost = len(self.wrote)

    async def column(self, query: str) -> set[str]:
        return {row[0] for row in await self.service.rows(query)}

    async def stored(self) -> list[Any]:
        """All that is kept."""
        return [sorted(map(tuple, await self.service.rows(query))) for query in _STORED]

    async def read_again(self) -> list[Event]:
        """The whole log once more, in any order; what is told of it."""
        log = [*self.wrote, *self.words]
        self.chance.shuffle(log)
        parts = [log[start : start + 5] for start in range(0, len(log), 5)]
        return [e for part in parts for a in await self.service.take(*part) for e in a.events]


@pytest.mark.parametrize("seed", range(8))
async def test_every_message_is_told_once_whatever_is_between(
    service: Service, captured: Captured, seed: int
) -> None:
    history = History(service, captured, seed)
    for number in range(MESSAGES):
        await history.write()
        if seed % 2 and number == MESSAGES // 2:
            await history.erase()
    await each_is_told_once(history)
    before = await history.stored()
    for _ in range(2):
        assert await history.read_again() == []
    assert await history.stored() == before


async def each_is_told_once(history: History) -> None:
    assert not [one for one, times in history.touches.items() if times > 1]
    first = set(map(message_of, history.wrote)) - history.submissions - history.touches.keys()
    assert len(first) == 1, "with which the conversation began"
    assert history.talk.id in history.submissions
    stored = await history.column("SELECT id::text FROM enrichment.submissions")
    assert stored == history.submissions
    apart = await history.column("SELECT submission_id::text FROM enrichment.apart")
    assert apart == stored - {history.talk.id}, "what the books count beside the conversation"
    touched = await history.column("SELECT captured ->> 'message' FROM enrichment.resends")
    assert not touched & stored, "a touch, or a submission of its own"
    living = {message_of(event) for event in history.wrote[history.lost :]}
    enriched = "SELECT id::text FROM enrichment.submissions WHERE outcome = 'enriched'"
    assert living <= touched | await history.column(enriched) | first
