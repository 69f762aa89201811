"""Everything that a fault may lay hands on, and the system as it is set up."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from tests.doubles.telegram import TOKEN as BOT_TOKEN
from tests.e2e.system import API_KEY, CONFIGURATION, TOKEN, WEBHOOK_SECRET
from tests.faults.storm.brokers import Brokers
from tests.faults.storm.postgres import Postgres
from tests.faults.storm.supervisor import SERVICES, Supervisor, Unit, service
from tests.faults.storm.timeline import Timeline
from tests.faults.storm.watcher import Watcher
from tests.ports import free_port

if TYPE_CHECKING:
    from tests.faults.storm.wishes import Wishes

SOMETIMES: Final = (
    "a record published twice",
    "a spool that drained more than 100 records",
    "a partition taken over in the midst of a slice",
    "a message sent with an unknown outcome",
    "a torn tail of a spool",
    "a dead letter",
    "a 503",
)
"""What a run must have met at least once, or it has shown nothing."""


_CHAT: Final = """
  - key: chat
    name: {fa: گفتگو, en: Chat}
    manager: mina
    specialists:
      - {key: nora, name: Nora, languages: [fa], notify: [{channel: telegram, to: "701"}]}
      - {key: omid, name: Omid, languages: [fa], notify: [{channel: telegram, to: "702"}]}
"""
_CHAT_PAGE: Final = '    - {pattern: "nil.example/chat", team: chat}\n'


@dataclass
class Storm:
    """One run's system, its surroundings, and what was seen."""

    folder: Path
    rate: float
    timeline: Timeline
    postgres: Postgres
    brokers: Brokers
    supervisor: Supervisor
    oracle: Watcher
    capture_port: int
    desk_port: int
    sometimes: Counter[str] = field(default_factory=Counter)
    poisoned: set[str] = field(default_factory=set)
    """Keys of records that were made to be dead letters."""
    is_long: bool = False
    url: str = ""
    """Of Postgres, through its proxy."""

    @property
    def door(self) -> str:
        """Where capture listens."""
        return f"http://127.0.0.1:{self.capture_port}"

    @property
    def desk(self) -> str:
        """Where the desk listens."""
        return f"http://127.0.0.1:{self.desk_port}"

    def desk_client(self) -> httpx.AsyncClient:
        """A client of the desk's API."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return httpx.AsyncClient(base_url=self.desk, headers=headers, timeout=60)

    def unit(self, kind: str, copy: str = "", data: Path | None = None) -> Unit:
        """A process of a service; a copy has ports and a data folder of its own."""
        own = {"capture": self.capture_port, "desk": self.desk_port}.get(kind) or free_port()
        port = free_port() if copy else own
        name = f"{kind}{copy}"
        environment = {
            "SARNAKH_CONFIG": str(self.folder / "sarnakh.yaml"),
            "SARNAKH_DATA_DIR": str(data or self.folder / "data" / name),
            "SARNAKH_API_TOKEN": TOKEN,
            "SARNAKH_CAPTURE_PORT": str(port if kind == "capture" else self.capture_port),
            "SARNAKH_DESK_PORT": str(port if kind == "desk" else self.desk_port),
            "SARNAKH_ADMIN_PORT": str(port),
            "SARNAKH_DATABASE_URL": self.url,
            "SARNAKH_KAFKA_BOOTSTRAP_SERVERS": self.brokers.bootstrap,
        }
        return service(name, kind, environment, port)

    async def all_ready(self, seconds: float = 90) -> None:
        """Until every service says that it is."""
        for name in SERVICES:
            await self.supervisor.ready(name, seconds)

    async def calm(self) -> None:
        """Undo whatever a fault left behind: everything runs, every byte flows."""
        self.postgres.resume()
        self.postgres.proxy.flow()
        self.brokers.flow()
        for node in range(self.brokers.count):
            self.brokers.resume(node)
        await self.brokers.again()
        await self.postgres.again_if_down()
        await self.oracle.ask("mode", value="ok")


async def nothing_in_flight(desk: httpx.AsyncClient) -> bool:
    """Whether the books say so; False while the desk is starting."""
    try:
        answer = await desk.get("/api/books")
    except httpx.HTTPError:
        return False
    return answer.is_success and answer.json()["in_flight"] == 0


async def until(
    look: Callable[[], Awaitable[object]], seconds: float, what: str, every: float = 0.1
) -> float:
    """Wait until it is true; how long that took. Raises TimeoutError."""
    began = time.monotonic()
    while not await look():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not seen within {seconds:.0f} s: {what}")
        await asyncio.sleep(every)
    return time.monotonic() - began


async def set_up(folder: Path, wished: Wishes) -> Storm:
    """Start everything, and wait until it is ready. Raises KafkaUnavailable."""
    timeline = Timeline(folder / "timeline.jsonl")
    capture_port, desk_port = free_port(), free_port()
    storm = Storm(
        folder=folder,
        rate=wished.rate,
        is_long=wished.is_long,
        timeline=timeline,
        postgres=Postgres(folder / "postgres", timeline),
        brokers=Brokers(folder / "kafka", wished.brokers, timeline),
        supervisor=Supervisor(folder, timeline),
        oracle=await Watcher.start(folder, f"http://127.0.0.1:{capture_port}", wished.seed),
        capture_port=capture_port,
        desk_port=desk_port,
    )
    try:
        _configure(folder, storm.oracle)
        storm.url, _ = await asyncio.gather(storm.postgres.start(), storm.brokers.start())
        for name in SERVICES:
            storm.supervisor.add(storm.unit(name))
        await storm.all_ready()
    except BaseException:
        await tear_down(storm)
        raise
    return storm


async def tear_down(storm: Storm) -> None:
    """End everything, whatever state it is in."""
    await storm.supervisor.close()
    await storm.oracle.stop()
    storm.brokers.stop()
    storm.postgres.stop()
    for proxy in (storm.postgres.proxy, *storm.brokers.proxies):
        proxy.close()
    storm.timeline.close()


def _configure(folder: Path, oracle: Watcher) -> None:
    """The tests' configuration, and a team that is told by a bot, which takes no id."""
    hook = f"http://127.0.0.1:{oracle.port}"
    written = CONFIGURATION % {"hook": hook, "secret": WEBHOOK_SECRET, "api_key": API_KEY}
    bot = f'  telegram: {{token: "{BOT_TOKEN}", api_url: "{oracle.bot}"}}\n'
    for before, more in (("routing:\n", _CHAT), ("channels:\n", ""), ("  pages:\n", "")):
        assert before in written
        after = {"channels:\n": bot, "  pages:\n": _CHAT_PAGE}.get(before, "")
        written = written.replace(before, more + before + after)
    (folder / "sarnakh.yaml").write_text(written, encoding="utf-8")
