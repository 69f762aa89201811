"""The desk over a real database, seen through its own HTTP interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.common.database import Database
from libs.common.events import Event, decode
from libs.common.log import Partition, Reader, Record
from services.desk.acting import acting
from services.desk.imports import working
from services.desk.stage import DeskStage
from services.desk.web.app import build
from services.desk.web.watching import Watching
from tests.doubles.runtime import runtime_of
from tests.integration.desk.importing import Imports

TOKEN = "the-token-of-these-tests"
ENOUGH = 2.0
"""Seconds in which an action is in the journal, also on a busy machine: before that it is refused,
not answered."""
FILE = """
organisation: {name: Nil Studio, time_zone: Asia/Tehran, country: IR, languages: [fa, en]}
qr: [{code: expo26, target: "https://nil.example/expo", label: Expo hall 6}]
sites: [{key: main, hosts: [nil.example], forms: [{key: contact}]}]
teams:
  - key: seo
    name: {fa: سئو, en: SEO}
    specialists: [{key: sara, name: سارا احمدی}, {key: omid, name: امید رضایی}]
  - {key: reception, name: {fa: پذیرش, en: Reception}, specialists: [{key: mina, name: مینا صادقی}]}
routing: {fallback: reception}
"""


class Tape:
    """The log as the desk appends to it: what was appended is looked at, nothing is read."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.away = False

    async def create_topics(self, names: Sequence[str]) -> None:
        del names

    async def append(self, records: Sequence[Record], deadline: float) -> None:
        if self.away:
            await asyncio.sleep(3600)
        del deadline
        self.records.extend(records)

    async def reader(self, group: str, topics: Sequence[str]) -> Reader:
        raise NotImplementedError(group, topics)

    async def lags(self, group: str, topics: Sequence[str]) -> Mapping[Partition, int]:
        del group, topics
        return {}

    async def spans(self, topics: Sequence[str]) -> Mapping[Partition, range]:
        del topics
        return {}

    async def close(self) -> None:
        return


class Desk:
    """The stage and the application, with one client that has the token."""

    def __init__(self, database: Database, file: Path) -> None:
        self.database = database
        self.tape = Tape()
        self.runtime = runtime_of(database, file, self.tape, TOKEN)
        watching = Watching(database, self.runtime.stop)
        self.stage = DeskStage(self.runtime.configurations, watching.wake)
        self.hurried = 0
        self.app = build(self.runtime, watching, hurry=self._hurry)
        self.api = self.client({"Authorization": f"Bearer {TOKEN}"})

    def client(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, raise_app_exceptions=False),
            base_url="http://127.0.0.1:8080",
            headers=headers,
        )

    def _hurry(self) -> None:
        self.hurried += 1

    async def feed(self, *events: Event) -> None:
        """Hand the stage a slice."""
        async with self.database.transaction() as tx:
            answers = await self.stage.handle(tx, events)
        self.stage.committed()
        assert len(answers) == len(events)
        assert not any(answer.events or answer.rejected for answer in answers)

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.api.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def said(self, count: int = 1) -> list[Event]:
        """The events that the desk has appended, once there are so many."""
        async with asyncio.timeout(30):
            while len(self.tape.records) < count:  # noqa: ASYNC110  # a deadline is over it
                await asyncio.sleep(0.01)
        return [decode(record) for record in self.tape.records]


@pytest.fixture
async def desk(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Desk]:
    monkeypatch.setattr(acting, "PATIENCE", 60.0)  # on a busy machine an answer comes late
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    made = Desk(database, file)
    yield made
    await made.api.aclose()


@pytest.fixture
async def lists(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Imports:
    monkeypatch.setattr(working, "LOOK_SECONDS", 0.01)
    return Imports(desk)
