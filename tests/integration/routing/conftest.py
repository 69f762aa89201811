"""What the tests of routing share: a configuration, a stage with a clock, and its events."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from libs.common.configuration import Configurations
from libs.common.database import Database
from libs.common.database.statements import text
from libs.common.events import (
    Activity,
    Attribution,
    Contact,
    Event,
    Lead,
    LeadRouted,
    LeadScored,
    NotificationSettled,
    Score,
    SubmissionEnriched,
    Touch,
    decode,
)
from libs.common.runtime import Runtime
from libs.common.settings import Settings
from libs.common.stage.inputs import Inputs
from services.routing.channels.console import Console
from services.routing.channels.contract import Channel
from services.routing.channels.webhook import Webhook
from services.routing.sending.clock import Clock
from services.routing.sending.notify import Notifier
from services.routing.sending.settling import Settling
from services.routing.stage import RoutingStage, utc_now
from tests.doubles.memory_log import MemoryLog
from tests.integration.routing.receiver import SECRET, Receiver

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FILE = """
teams:
  - key: seo
    name: {fa: سئو, en: SEO}
    manager: mina
    specialists:
      - {key: sara, name: سارا, weight: 2}
      - {key: ali, name: علی}
      - {key: nima, name: نیما}
  - key: reception
    name: {fa: پذیرش, en: reception}
    specialists:
      - {key: mina, name: مینا}
routing:
  fallback: reception
  pages:
    - {pattern: "nil.example/services/seo/*", team: seo}
    - {pattern: "nil.example/خدمات/سئو/*", team: seo}
  sla: {accept_within: 10m, working_hours: false, hops: 1, then: manager}
"""


def new_id() -> str:
    return str(uuid.uuid4())


class Routing:
    """The stage over a real database, with a clock that moves when told to."""

    def __init__(self, database: Database, file: Path) -> None:
        self.database = database
        self.file = file
        self.now = START
        self.stage = self.new_stage()
        self._versions: dict[str, int] = {}

    def new_stage(self) -> RoutingStage:
        configurations = Configurations(self.file, self.database)
        return RoutingStage(configurations, asyncio.Event(), lambda: self.now)

    def configure(self, file: str) -> None:
        self.file.write_text(file, encoding="utf-8")
        self.stage = self.new_stage()

    async def feed(self, *events: Event, stage: RoutingStage | None = None) -> list[Event]:
        """All answers to one slice."""
        async with self.database.transaction() as tx:
            answers = await (stage or self.stage).handle(tx, events)
        return [event for answer in answers for event in answer.events]

    async def routed(self, *events: Event, stage: RoutingStage | None = None) -> list[LeadRouted]:
        found = [event.data for event in await self.feed(*events, stage=stage)]
        return [data for data in found if isinstance(data, LeadRouted)]

    async def lead(self, *events: Event, stage: RoutingStage | None = None) -> Lead:
        """The lead of the last answer."""
        return (await self.routed(*events, stage=stage))[-1].lead

    async def planned(self, *events: Event) -> list[NotificationSettled]:
        found = [event.data for event in await self.feed(*events)]
        return [data for data in found if isinstance(data, NotificationSettled)]

    async def rows(self, query: str, **values: object) -> Sequence[Any]:
        async with self.database.transaction() as tx:
            return (await tx.execute(text(query), values)).all()

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def scored(self, person: str, **more: Any) -> Event:
        """A scored submission of a person, as scoring sends it on."""
        page = more.pop("page", "nil.example/services/seo")
        touch = Touch(
            submission_id=more.pop("submission_id", None) or new_id(),
            kind="form",
            source="contact",
            at=more.pop("at", self.now),
            attribution=Attribution(page=page),
        )
        contact = Contact(name="نیلوفر", phone="+989121234567", language=more.pop("language", None))
        enriched = SubmissionEnriched(
            submission_id=touch.submission_id,
            outcome="enriched",
            touch=touch,
            contact=contact,
            person_id=person,
            person=more.pop("contact", contact),
            person_version=more.pop("person_version", 0),
            joined=more.pop("joined", ()),
        )
        rounds = more.pop("round", 0)
        return self._event(person, enriched, rounds, **more)

    def rescored(self, person: str, **more: Any) -> Event:
        """A new score of a person after an activity."""
        return self._event(person, None, 0, **more)

    def _event(
        self, person: str, enriched: SubmissionEnriched | None, rounds: int, **more: Any
    ) -> Event:
        self._versions[person] = self._versions.get(person, 0) + 1
        data = LeadScored(
            person_id=person,
            version=more.get("version", self._versions[person]),
            score=Score(more.get("total", 10), more.get("total", 10), 0, 1, ()),
            stage=more.get("stage", "iql"),
            temperature=more.get("temperature", "cold"),
            submission_id=enriched.submission_id if enriched else None,
            enriched=enriched,
        )
        return Event(new_id(), person, self.now, data, round=rounds)

    def act(self, lead: Lead, kind: str, **data: Any) -> Event:
        """A staff action on a lead, as the desk sends it."""
        activity = Activity(
            activity_id=new_id(),
            type=kind,
            at=self.now,
            actor="sara",
            person_id=lead.person_id,
            lead_id=lead.id,
            data=data,
        )
        return Event(activity.activity_id, lead.person_id, self.now, activity)


class Sending:
    """The notifier over the stage's rows, with a receiver for its webhooks."""

    def __init__(self, routing: Routing, folder: Path) -> None:
        self.routing = routing
        self.receiver = Receiver()
        self.log = MemoryLog()
        self.said: list[str] = []
        self.folder = folder
        self.planned = asyncio.Event()
        self._tasks: list[tuple[asyncio.Event, asyncio.Task[None]]] = []

    def configure(self, routes: str = "") -> None:
        """Sara is told by webhook; `routes`: more routes of hers."""
        hook = "{channel: webhook, to: '" + self.receiver.url + "'}"
        self.routing.configure(f"""
teams:
  - key: seo
    name: SEO
    manager: mina
    specialists: [{{key: sara, name: Sara, notify: [{hook}{routes}]}}]
  - {{key: reception, name: reception, specialists: [{{key: mina, name: Mina}}]}}
routing:
  fallback: reception
  pages: [{{pattern: "nil.example/services/seo/*", team: seo}}]
channels:
  webhook: {{secret: {SECRET}}}
""")

    def runtime(self) -> Runtime:
        return Runtime(
            settings=Settings(data_dir=self.folder),
            database=self.routing.database,
            log=self.log,
            configurations=Configurations(self.routing.file, self.routing.database),
            stop=asyncio.Event(),
            say=self.said.append,
            embedded_log=True,
            token="",
        )

    def settling(self, runtime: Runtime | None = None) -> Settling:
        """What writes down results, without a notifier."""
        runtime = runtime or self.runtime()
        return Settling(Inputs("routing", runtime), runtime.configurations, utc_now)

    def start(
        self, answer_seconds: float = 30.0, own: Callable[[], datetime] = utc_now
    ) -> Notifier:
        """One more notifier, whose machine has the clock `own`; they stop with the test."""
        clock = Clock(own)
        runtime = self.runtime()
        settling = self.settling(runtime)
        channels: list[Channel] = [Console(self.said.append), Webhook(clock.now, answer_seconds)]
        notifier = Notifier(runtime, channels, settling, self.planned, clock)
        self._tasks.append((runtime.stop, asyncio.create_task(notifier.run())))
        return notifier

    def kill(self, notifier: Notifier) -> None:
        """As SIGKILL would: nothing is settled any more."""
        for task in notifier.under_way:
            task.cancel()
        self._tasks.pop()[1].cancel()

    async def stop(self) -> None:
        for stop, _task in self._tasks:
            stop.set()
        await asyncio.gather(*(task for _, task in self._tasks), return_exceptions=True)
        await self.receiver.stop()

    async def tell(self, *events: Event) -> Lead:
        """Let the stage plan what follows from these, and wake the notifier."""
        lead = await self.routing.lead(*events)
        self.planned.set()
        return lead

    async def until(self, state: str, seconds: float = 30.0, **where: Any) -> Any:
        """The notification once it is in `state`."""
        query = "SELECT * FROM routing.notifications WHERE " + " AND ".join(
            f"{name} = :{name}" for name in where or {"kind": ""}
        )
        values = where or {"kind": "assigned"}
        deadline = asyncio.get_running_loop().time() + seconds
        while True:
            rows = await self.routing.rows(query, **values)
            if rows and all(row.state == state for row in rows):
                return rows[0]
            assert asyncio.get_running_loop().time() < deadline, [
                (row.state, row.error, row.attempts) for row in rows
            ]
            for stop, task in self._tasks:
                if task.done() and not stop.is_set():
                    task.result()
            await asyncio.sleep(0.02)

    async def submission(self, state: str, seconds: float = 30.0) -> None:
        """Wait until the one submission is in `state`."""
        deadline = asyncio.get_running_loop().time() + seconds
        while (rows := await self.routing.rows("SELECT state FROM routing.ledger")) != [(state,)]:
            assert asyncio.get_running_loop().time() < deadline, rows
            await asyncio.sleep(0.02)

    def published(self) -> list[NotificationSettled]:
        """What was published of messages, oldest version first."""
        found = [decode(record).data for lane in self.log.lanes.values() for record in lane]
        settled = [data for data in found if isinstance(data, NotificationSettled)]
        return sorted(settled, key=lambda data: data.version)


@pytest.fixture
async def sending(routing: Routing, tmp_path: Path) -> AsyncIterator[Sending]:
    """A notifier that is not started yet, and a receiver that is."""
    found = Sending(routing, tmp_path)
    await found.receiver.start()
    found.configure()
    yield found
    await found.stop()


@pytest.fixture
def routing(database: Database, tmp_path: Path) -> Routing:
    """The routing stage on a database of this test's own."""
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    return Routing(database, file)
