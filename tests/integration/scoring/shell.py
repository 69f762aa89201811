"""The scoring stage over a real database, and events to feed it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from libs.common.configuration import Configurations
from libs.common.database import Database
from libs.common.events import (
    Activity,
    Attribution,
    Contact,
    Event,
    LeadScored,
    SubmissionEnriched,
    Touch,
)
from libs.common.stage.contract import Answer
from services.scoring.stage import ScoringStage

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class Scoring:
    """The stage over a real database, with a clock that moves when it is told to."""

    def __init__(self, database: Database, file: Path) -> None:
        self.database = database
        self.file = file
        self.now = NOW
        self.stage = self.new_stage()
        self._minutes = 0

    def new_stage(self) -> ScoringStage:
        return ScoringStage(Configurations(self.file, self.database), now=lambda: self.now)

    async def feed(self, *events: Event) -> Sequence[Answer]:
        async with self.database.transaction() as tx:
            return await self.stage.handle(tx, events)

    async def scored(self, *events: Event) -> list[LeadScored]:
        found = [event.data for answer in await self.feed(*events) for event in answer.events]
        assert all(isinstance(data, LeadScored) for data in found)
        return [data for data in found if isinstance(data, LeadScored)]

    def at(self) -> datetime:
        """A minute later each time."""
        self._minutes += 1
        return self.now + timedelta(minutes=self._minutes)

    def submission(self, person: str, message: str | None = None, **more: Any) -> Event:
        touch = Touch(
            submission_id=more.pop("submission_id", str(uuid.uuid4())),
            kind=more.pop("kind", "form"),
            source="contact",
            at=self.at(),
            attribution=Attribution(page=more.pop("page", "nil.example/contact")),
        )
        contact = Contact(name="سارا", phone="+989121234567", phone_type="mobile", message=message)
        data = SubmissionEnriched(
            submission_id=touch.submission_id,
            outcome=more.pop("outcome", "enriched"),
            touch=touch,
            contact=more.pop("contact", contact),
            person_id=person,
            joined=more.pop("joined", ()),
        )
        return Event(str(uuid.uuid4()), person, touch.at, data, round=more.pop("round", 0))

    def activity(self, person: str | None, kind: str, **more: Any) -> Event:
        data = Activity(
            activity_id=str(uuid.uuid4()), type=kind, at=self.at(), person_id=person, **more
        )
        return Event(str(uuid.uuid4()), person or data.activity_id, data.at, data)
