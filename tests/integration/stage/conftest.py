"""A stage whose only effect is a row per event, and a way to run the loop over it."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from libs.common import topics
from libs.common.database import Database, Transaction
from libs.common.database.statements import text
from libs.common.errors import Reject, Retry
from libs.common.events import Activity, Event, NotificationSettled, derived_id, encode
from libs.common.runtime import Runtime
from libs.common.settings import Settings
from libs.common.stage.contract import Answer
from libs.common.stage.loop import run_stage
from tests.doubles.memory_log import MemoryLog

SCHEMA = "scoring"
"""Any schema with the loop's tables does."""


@dataclass
class Tally:
    """A stage that adds one to a row per event and answers each with one activity."""

    fails: dict[str, Exception] = field(default_factory=dict)
    """By the activity's type: raised when it is handled; `Reject` is answered."""
    fails_for: int = 10**9
    batches: list[int] = field(default_factory=list)
    delay: float = 0.0
    name: str = SCHEMA
    topics: tuple[str, ...] = (topics.ACTIVITY,)

    async def handle(self, tx: Transaction, batch: Sequence[Event]) -> list[Answer]:
        self.batches.append(len(batch))
        answers = []
        for event in batch:
            data = event.data
            assert isinstance(data, Activity)
            error = self.fails.get(data.type)
            if isinstance(error, Reject):
                answers.append(Answer(rejected=error))
                continue
            if error and self.fails_for > 0:
                self.fails_for -= 1
                raise error
            await tx.execute(
                text("""
                    INSERT INTO public.tally (id, count) VALUES (:id, 1)
                    ON CONFLICT (id) DO UPDATE SET count = tally.count + 1
                """),
                {"id": event.id},
            )
            answers.append(Answer(events=(an_event("answer", event.key, event.id),)))
        if self.delay:
            await asyncio.sleep(self.delay)
        return answers

    def committed(self) -> None:
        """Nobody waits for these rows."""


def an_event(kind: str, key: str, cause: str = "", *, rounds: int = 0) -> Event:
    """An activity; with a cause its id follows from it."""
    identity = derived_id("tally", cause) if cause else str(uuid.uuid4())
    now = datetime.now(UTC)
    data = Activity(activity_id=identity, type=kind, at=now)
    answer = NOWHERE if kind == "answer" else data
    return Event(
        id=identity,
        key=key,
        time=now,
        data=answer,
        round=rounds,
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )


NOWHERE = NotificationSettled(
    notification_id="n",
    lead_id="l",
    kind="assigned",
    channel="console",
    specialist="s",
    state="sent",
    at=datetime(2026, 1, 1, tzinfo=UTC),
)
"""An answer in another topic than the stage reads."""


class Running:
    """The loop over a stage, started and stopped at will."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.log = MemoryLog()
        self.folder = folder
        self._tasks: list[asyncio.Task[None]] = []
        self.runtime = self.new_runtime()

    def new_runtime(self) -> Runtime:
        return Runtime(
            settings=Settings(data_dir=self.folder),
            database=self.database,
            log=self.log,
            configurations=None,  # type: ignore[arg-type]  # the loop never asks for it
            stop=asyncio.Event(),
            say=lambda _line: None,
            embedded_log=True,
            token="",
        )

    def start(self, stage: Tally) -> asyncio.Task[None]:
        self.runtime = self.new_runtime()
        self._tasks.append(asyncio.create_task(run_stage(stage, self.runtime)))
        return self._tasks[-1]

    async def stop(self) -> None:
        self.runtime.stop.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def crash(self) -> None:
        """End without the courtesies of a stop: nothing more is committed or noted."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def send(self, *events: Event) -> None:
        await self.log.append([encode(event) for event in events], 1)

    async def scalar(self, query: str) -> int:
        async with self.database.transaction() as tx:
            return int((await tx.execute(text(query))).scalar_one() or 0)

    async def applied(self) -> int:
        return await self.scalar("SELECT count(*) FROM public.tally")

    async def twice(self) -> int:
        return await self.scalar("SELECT count(*) FROM public.tally WHERE count > 1")

    def answers(self) -> list[str]:
        return [
            dict(record.headers)["ce_id"].decode() for record in self.log.records(topics.NOTIFIED)
        ]

    async def until(self, look: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not look():
            assert time.monotonic() < deadline, "not seen in time"
            await asyncio.sleep(0.01)


@pytest.fixture
async def running(database: Database, tmp_path: Path) -> AsyncIterator[Running]:
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE public.tally (id text PRIMARY KEY, count int)"))
    made = Running(database, tmp_path)
    yield made
    with contextlib.suppress(Retry):
        await made.stop()
