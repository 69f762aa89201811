"""The wall clocks of processes jump an hour either way: no lead is lost, none told twice."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import SERVICES, System
from tests.faults.sender import Sender, assert_nothing_lost_nothing_twice
from tests.plugins.database import Databases

STEPS: tuple[dict[str, str], ...] = (
    {"capture": "+1h", "enrichment": "-1h", "scoring": "+1h", "desk": "-1h"},
    {"capture": "-1h", "enrichment": "+1h", "routing": "-1h", "desk": "+1h"},
    {},
)
"""By how much the clocks are off, one step after another; who is not named is right. Routing's
for one step only: a receiver that checks the time of a signature refuses it meanwhile."""


@pytest.fixture(scope="session")
def faketime() -> Path:
    """libfaketime, which moves the wall clock of one process (a time namespace does not)."""
    places = sorted(Path("/usr/lib").glob("**/faketime/libfaketimeMT.so.1"))
    if not places:
        reason = "libfaketime is not installed (Debian: apt-get install libfaketime)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return places[0]


class Clocks:
    """The clock of each service, to be stepped while it runs."""

    def __init__(self, folder: Path, library: Path) -> None:
        self._folder = folder
        self._library = library
        self.step({})

    def step(self, off: dict[str, str]) -> None:
        for service in SERVICES:
            file = self._folder / f"{service}.clock"
            new = file.with_suffix(".new")
            new.write_text(off.get(service, "+0") + "\n", encoding="utf-8")
            new.replace(file)

    def of(self, service: str) -> dict[str, str]:
        """What to start a service with. Monotonic time runs on, as when somebody sets a clock."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._folder / f"{service}.clock"),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@pytest.fixture
def database(databases: Databases) -> Iterator[str]:
    name = asyncio.run(databases.take())
    yield databases.named(name)
    asyncio.run(databases.give_back(name))


def test_invariant_27_clocks_that_jump_an_hour_lose_and_double_nothing(
    tmp_path: Path, faketime: Path, receiver: Receiver, database: str
) -> None:
    clocks = Clocks(tmp_path, faketime)
    system = System(f"http://127.0.0.1:{receiver.port}", database=database)
    system.forks = False  # a clock is moved before a process begins
    try:
        for service in SERVICES:
            system.start(f"{service}-0", "serve", service, **clocks.of(service))
        system.wait_ready()
        sender = Sender(system, per_second=10)
        try:
            for off in STEPS:
                sender.wait_for(8)
                clocks.step(off)
            sender.wait_for(8)
        finally:
            sender.stop()
        again = {"phone": f"0912{uuid.uuid4().int % 10**7:07d}"}
        clocks.step(STEPS[0])
        key = uuid.uuid4().hex
        first = system.post_lead(again, key).json()["submission_id"]
        clocks.step(STEPS[1])
        assert system.post_lead(again, key).json()["submission_id"] == first
        clocks.step({})
        assert_nothing_lost_nothing_twice(system, receiver, sender)
        assert set(system.stop().values()) == {0}
    finally:
        system.remove()
