"""Capture's stage and fetcher over a real database and a fake platform, with a clock by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from libs.common.database import Database, Transaction
from libs.common.events import Activity, Event, LeadCaptured, decode, derived_id, digest
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.capture.stage import CaptureStage
from services.capture.store import paces
from services.capture.workers.client import Client
from services.capture.workers.fetcher import Fetcher
from services.capture.workers.settling import Settling
from tests.doubles.graph import Graph
from tests.doubles.memory_log import MemoryLog
from tests.doubles.runtime import runtime_of

START = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
FILE = """
sources: [{{key: {key}, kind: {kind}, secret: s, api_url: "{url}"{more}}}]
teams: [{{key: t, name: T, specialists: [{{key: a, name: A}}]}}]
routing: {{fallback: t}}
"""


class Hydration:
    """One or more fetchers; `run` lets them do all that they find to do at the clock's time."""

    def __init__(
        self, database: Database, folder: Path, kind: str = "meta", graph: Graph | None = None
    ) -> None:
        self.database = database
        self.folder = folder
        self.kind = kind
        self.graph = graph or Graph()
        self.log = MemoryLog()
        self.now = START
        self.seconds = 10.0
        self.noted = asyncio.Event()
        self.stage = CaptureStage(self.noted, self.clock)
        self.fetchers: list[Fetcher] = []
        self._clients: list[Client] = []

    async def clock(self, _tx: Transaction) -> datetime:
        return self.now

    def configure(self, access: str = "token-1", key: str = "ads", more: str = "") -> Fetcher:
        """A fetcher under this configuration, instead of those before."""
        file = self.folder / "sarnakh.yaml"
        given = f", access_token: {access}" if access else ""
        text = FILE.format(key=key, kind=self.kind, url=self.graph.url, more=given + more)
        file.write_text(text, "utf-8")
        self.fetchers.clear()
        return self.another()

    def runtime(self) -> Runtime:
        return runtime_of(self.database, self.folder / "sarnakh.yaml", self.log)

    def another(self) -> Fetcher:
        """One more fetcher, as another process would have it."""
        runtime = self.runtime()
        client = Client(self.seconds)
        self._clients.append(client)
        made = Fetcher(runtime, Settling(runtime, self.clock), self.noted, client, self.clock)
        self.fetchers.append(made)
        return made

    async def note(self, *items: str, source: str = "ads", **more: Any) -> list[LeadCaptured]:
        """Submissions that came by id only."""
        leads = [
            LeadCaptured(
                submission_id=derived_id("s", source, item),
                kind="webhook",
                source=source,
                source_kind=self.kind,
                received_at=self.now,
                digest=digest(item.encode()),
                raw=b"{}",
                hydrate=True,
                platform_id=item,
                **more,
            )
            for item in items
        ]
        events = [Event(derived_id(x.submission_id), x.submission_id, self.now, x) for x in leads]
        async with self.database.transaction() as tx:
            await self.stage.handle(tx, events)
        return leads

    async def run(self, turns: int = 1) -> None:
        for _ in range(turns):
            await asyncio.gather(*(fetcher.turn() for fetcher in self.fetchers))
            await asyncio.gather(*(fetcher.settled() for fetcher in self.fetchers))

    async def later(self, turns: int = 1, **span: float) -> None:
        """Move the clock, then run."""
        self.now += timedelta(**span)
        await self.run(turns)

    async def waiting(self) -> int:
        async with self.database.transaction() as tx:
            return sum(each.waiting for each in await paces.list_fetching(tx))

    async def reason(self) -> str | None:
        async with self.database.transaction() as tx:
            return (await paces.list_fetching(tx))[0].reason

    async def publish_left_over(self) -> None:
        await Inputs("capture", self.runtime()).publish_left_over(0)

    def published(self) -> list[LeadCaptured]:
        return [data for data in self._said() if isinstance(data, LeadCaptured)]

    def activities(self) -> list[Activity]:
        return [data for data in self._said() if isinstance(data, Activity)]

    def words(self) -> list[tuple[str, Any]]:
        """What was said of sources: paused, resumed, and why."""
        said = (data for data in self.activities() if "reason" in data.data)
        return [(data.type, data.data["reason"]) for data in said]

    def waits(self) -> list[datetime]:
        """Until when it was said that a source is left in peace."""
        said = (data for data in self.activities() if data.type == "source.waits")
        return [datetime.fromisoformat(data.data["until"]) for data in said]

    def _said(self) -> list[Any]:
        lanes = [stored for lane in self.log.lanes.values() for stored in lane]
        return [decode(s).data for s in sorted(lanes, key=lambda stored: stored.appended_at)]

    async def close(self) -> None:
        self.graph.close()
        for client in self._clients:
            await client.close()
