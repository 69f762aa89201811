"""The stage on a real database, and submissions to give it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from libs.common.configuration import Configurations
from libs.common.database import Database
from libs.common.database.statements import text
from libs.common.errors import Retry
from libs.common.events import (
    Activity,
    Attribution,
    Event,
    LeadCaptured,
    SubmissionEnriched,
    derived_id,
    digest,
)
from libs.common.stage.contract import Answer
from services.enrichment.stage import EnrichmentStage

EXAMPLE = Path(__file__).parents[3] / "sarnakh.example.yaml"
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


class Service:
    """Enrichment as its loop runs it: one transaction a slice, tried again on Retry."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.stage = EnrichmentStage(Configurations(EXAMPLE, database, {}))

    async def take(self, *batch: Event) -> list[Answer]:
        """The answers to one slice."""
        for _ in range(20):
            try:
                async with self.database.transaction() as tx:
                    return list(await self.stage.handle(tx, batch))
            except Retry:
                continue
        raise AssertionError("the slice never came through")

    async def enriched(self, *batch: Event) -> list[SubmissionEnriched]:
        """What became of the submissions of one slice."""
        events = [event for answer in await self.take(*batch) for event in answer.events]
        return [event.data for event in events if isinstance(event.data, SubmissionEnriched)]

    async def rows(self, query: str, **values: Any) -> Sequence[Any]:
        """Rows of a query over what is stored."""
        async with self.database.transaction() as tx:
            return (await tx.execute(text(query), values)).all()

    async def count(self, table: str) -> int:
        """How many rows a table of the schema has."""
        return int((await self.rows(f"SELECT count(*) FROM enrichment.{table}"))[0][0])


@pytest.fixture
def service(database: Database) -> Service:
    """One instance of the service."""
    return Service(database)


Captured = Callable[..., Event]


class Counter:
    """Numbers spool records from 1, as capture does."""

    def __init__(self) -> None:
        self.spool = str(uuid.uuid4())
        self.sequence = 0

    def next(self) -> tuple[tuple[str, str], ...]:
        self.sequence += 1
        return (("spool", self.spool), ("sequence", str(self.sequence)))


@pytest.fixture
def captured() -> Captured:
    """Makes captured events of our fields; keywords are LeadCaptured's own, and four short ones.

    `after` (seconds), `body` (raw bytes), `page` (URL) and `rounds` of the event.
    """
    counter = Counter()

    def make(fields: dict[str, str] | None = None, **given: Any) -> Event:
        id_ = given.pop("submission_id", None) or str(uuid.uuid4())
        raw = given.pop("body", repr(sorted((fields or {}).items())).encode())
        rounds = given.pop("rounds", 0)
        data = LeadCaptured(
            submission_id=id_,
            received_at=START + timedelta(seconds=given.pop("after", 0)),
            digest=digest(raw),
            raw=raw,
            fields=fields or {},
            attribution=given.pop("attribution", Attribution(page_url=given.pop("page", None))),
            **({"kind": "form", "source": "contact", "source_kind": "form"} | given),
        )
        return Event(
            id=derived_id("captured", id_, str(data.revision), data.digest),
            key=id_,
            time=data.received_at,
            data=data,
            round=rounds,
            extensions=counter.next(),
        )

    return make


def decided(kind: str, submission_id: str, rounds: int, **data: Any) -> Event:
    """What staff did with a held submission: kind is released or discarded."""
    activity_id = str(uuid.uuid4())
    return Event(
        id=activity_id,
        key=submission_id,
        time=START,
        data=Activity(
            activity_id=activity_id,
            type=f"staff.{kind}",
            at=START,
            actor="mina",
            submission_id=submission_id,
            data=data,
        ),
        round=rounds,
    )
