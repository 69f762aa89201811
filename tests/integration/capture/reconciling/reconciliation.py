"""The reconciler over a real database, spool and door, a fake platform, and a clock by hand."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from libs.common import topics
from libs.common.configuration.schema import Source
from libs.common.database import Database, Transaction
from libs.common.events import Activity, Event, LeadCaptured, decode, derived_id
from libs.common.log import Stored
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from libs.common.stage.receipts import receipts_of
from services.capture.door.door import Door, submission_id_of
from services.capture.door.keys import Keys
from services.capture.door.misaddressed import Misaddressings
from services.capture.publishing.intake import Intake
from services.capture.reconciling.coming import by_call
from services.capture.routes.webhooks import arrived, withdrawn_of
from services.capture.sources import KINDS, Knock
from services.capture.sources.arrival import Withdrawn
from services.capture.stage import CaptureStage
from services.capture.workers.backfilling import taking
from services.capture.workers.client import Client
from services.capture.workers.reconciler import Reconciler
from tests.doubles.lists import KINDS as PLATFORMS
from tests.doubles.lists import NEEDS
from tests.doubles.memory_log import MemoryLog
from tests.doubles.runtime import runtime_of

ITEMS = [str(1_000_000 + n) for n in range(7)]
FIRST, *LOST = ITEMS
START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SECONDS = 30.0
"""For one page, as a busy machine may be slow; a platform that hangs lets go after five."""
FILE = """
sources: [{{key: ads, kind: {kind}, secret: s, api_url: "{url}"{more}}}]
teams: [{{key: t, name: T, specialists: [{{key: a, name: A}}]}}]
routing: {{fallback: t}}
"""


class Reconciliation:
    """One or more reconcilers; `run` lets them do all that they find to do at the clock's time."""

    def __init__(self, kind: str, database: Database, folder: Path) -> None:
        self.kind = kind
        self.database = database
        self.folder = folder
        self.platform = PLATFORMS[kind]()
        self.log = MemoryLog()
        self.now = START
        self.stage = CaptureStage(asyncio.Event(), self.clock)
        self.reconcilers: list[Reconciler] = []
        self._clients: list[Client] = []
        self._noted: set[tuple[Any, int]] = set()
        self.configure()
        self.runtime = self._runtime()
        self.intake = Intake(folder / "spool", self.log)
        self.door = self._door()
        self.another()

    @property
    def needs(self) -> str:
        """What of the configuration names the list."""
        return NEEDS[self.kind]

    def _seconds(self) -> float:
        return self.now.timestamp()

    async def clock(self, _tx: Transaction) -> datetime:
        """The moment that all processes agree on."""
        return self.now

    def configure(self, access: str = "token-1", more: str | None = None) -> None:
        """Write the file; it is read again at the next turn."""
        needs = self.needs if more is None else more
        given = f", access_token: {access}" if access else ""
        text = FILE.format(kind=self.kind, url=self.platform.url, more=given + needs)
        (self.folder / "sarnakh.yaml").write_text(text, "utf-8")
        if self.reconcilers:
            self.runtime = self._runtime()
            self.door = self._door()
            count = len(self.reconcilers)
            self.reconcilers.clear()
            for _ in range(count):
                self.another()

    def _runtime(self) -> Runtime:
        return runtime_of(self.database, self.folder / "sarnakh.yaml", self.log)

    def _door(self) -> Door:
        door = Door(
            self.runtime.settings,
            self.runtime.configurations,
            self.intake,
            Keys(self.database),
            Misaddressings(self.database, Inputs("capture", self.runtime)),
        )
        door.now = self._seconds
        return door

    def another(self) -> Reconciler:
        """One more, as another process would have it."""
        client = Client(SECONDS)
        self._clients.append(client)
        made = Reconciler(self.runtime, taking(self.door), client, self.clock)
        self.reconcilers.append(made)
        return made

    @property
    def source(self) -> Source:
        return self.runtime.configurations.from_file().content.sources[0]

    def sends(self, *items: str, **before: float) -> None:
        """Somebody fills in the form on the platform, so long ago."""
        for item in items:
            self.platform.sent[item] = self.now - timedelta(**before)

    async def calls(self, *items: str) -> None:
        """The platform's webhook comes, and capture's stage has seen it."""
        for item in items:
            knock = Knock("POST", "", b"", {}, self.platform.call(item), "")
            for arrival in KINDS[self.kind].parse(knock, self.source):
                assert not isinstance(arrival, Withdrawn)
                captured = arrived(self.door, self.source, arrival)
                await self.door.accept(self._event(captured))
        await self.note()

    async def takes_back(self, item: str) -> None:
        """The platform's word that somebody withdrew, which may come first."""
        word = Withdrawn(self.platform.key(item))
        await self.door.accept(self._event(withdrawn_of(self.door, self.source, word)))
        await self.note()

    def _event(self, captured: LeadCaptured) -> Event:
        return Event(
            id=derived_id("captured", captured.submission_id, captured.digest),
            key=captured.submission_id,
            time=captured.received_at,
            data=captured,
            source=by_call(captured),
        )

    async def note(self) -> None:
        """Capture's stage reads what is new; each record twice, as after a crash."""
        await self.intake.publisher.drained()
        records = [r for r in self.captured() if (r.partition, r.offset) not in self._noted]
        self._noted.update((r.partition, r.offset) for r in records)
        wanted = [record for record in records if self.stage.wants(record)]
        for _ in range(2):
            async with self.database.transaction() as tx:
                await self.stage.receive(tx, receipts_of(wanted))
                await self.stage.handle(tx, [decode(record) for record in wanted])

    async def run(self, turns: int = 30) -> None:
        """Turn until nothing is due; the pace lets some seconds pass between pages."""
        for _ in range(turns):
            asked = sum(self.platform.asked.values())
            await asyncio.gather(*(each.turn() for each in self.reconcilers))
            await asyncio.gather(*(each.settled() for each in self.reconcilers))
            self.now += timedelta(seconds=1)
            if asked == sum(self.platform.asked.values()):
                break
        await self.note()

    async def later(self, **span: float) -> None:
        """Move the clock, then run."""
        self.now += timedelta(**span)
        await self.run()

    def captured(self) -> list[Stored]:
        return self.log.records(topics.CAPTURED)

    def came(self) -> Counter[str]:
        """How often each lead stands in the log, by the platform's name of it."""
        names = {
            submission_id_of(self.kind, "ads", self.platform.key(item)): item
            for item in self.platform.sent
        }
        found = (decode(record).data for record in self.captured())
        return Counter(
            names.get(data.submission_id, "?") for data in found if isinstance(data, LeadCaptured)
        )

    def ids(self, item: str) -> set[str]:
        """Ids of the events under which a lead came."""
        own = submission_id_of(self.kind, "ads", self.platform.key(item))
        found = [decode(record) for record in self.captured()]
        return {event.id for event in found if event.key == own}

    def told(self) -> list[dict[str, Any]]:
        """What was told of the comparing, the last at the end."""
        return [data.data for data in self._activities() if data.type == "source.reconciled"]

    def words(self) -> list[str]:
        """Whether the source was paused or goes on, and why."""
        return [
            f"{data.type} {data.data['reason']}"
            for data in self._activities()
            if data.type in ("source.paused", "source.resumed")
        ]

    def _activities(self) -> list[Activity]:
        records = sorted(self.log.records(topics.ACTIVITY), key=lambda each: each.appended_at)
        found = (decode(record).data for record in records)
        return [data for data in found if isinstance(data, Activity)]

    async def close(self) -> None:
        self.platform.close()
        await self.intake.close()
        for client in self._clients:
            await client.close()


async def connected(pulls: Reconciliation) -> None:
    """A source that works: its first lead came by call an hour ago, and the list was compared."""
    pulls.now -= timedelta(hours=1)
    pulls.sends(FIRST)
    await pulls.calls(FIRST)
    pulls.now += timedelta(hours=1)
    await pulls.later(minutes=1)
    assert pulls.came() == {FIRST: 1}


async def lost_for_an_hour(pulls: Reconciliation) -> None:
    """Leads that no call brings, ten minutes apart."""
    for n, item in enumerate(LOST):
        pulls.sends(item, minutes=60 - 10 * n)
