"""Two builds at once on one log, each killed in its turn: nothing lost, nothing told twice.

The other build is made of this one, so that it needs no history of the repository: the same code,
whose events have one field more. What ends in order is in test_builds.py; here nothing does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import ROOT, System, eventually
from tests.e2e.test_books import statement
from tests.faults.sender import Sender, assert_nothing_lost_nothing_twice
from tests.plugins.database import Databases
from tests.ports import free_port
from tests.promises.builds import FIELD, next_build, start_from

WORK: Final = """
    SELECT count(*) FILTER (WHERE body::text LIKE '%' || $1 || '%') AS by_next, count(*) AS all_
    FROM desk.leads
"""
UNREADABLE: Final = "SELECT count(*) FROM desk.dead_letters"


class Pair:
    """Two whole processes of one installation; the first has the ports that everybody knows."""

    def __init__(self, system: System, build: Path) -> None:
        self.system = system
        self.builds = {"this": ROOT, "next": build}
        self.doors: dict[str, dict[str, str]] = {
            "first": {},
            "second": {
                "SARNAKH_CAPTURE_PORT": str(free_port()),
                "SARNAKH_DESK_PORT": str(free_port()),
            },
        }

    def begin(self, place: str, build: str) -> None:
        start_from(self.builds[build], self.system, place, "up", **self.doors[place])

    def kill_and_begin(self, place: str, build: str) -> None:
        """As a crash in the midst of a roll-out, or of a roll-back."""
        self.system.kill(place)
        self.begin(place, build)


@pytest.fixture
def database(databases: Databases) -> Iterator[str]:
    name = asyncio.run(databases.take())
    yield databases.named(name)
    asyncio.run(databases.give_back(name))


def test_invariant_28_two_builds_that_are_killed_in_turn_lose_nothing_on_one_log(
    tmp_path: Path, receiver: Receiver, database: str
) -> None:
    system = System(f"http://127.0.0.1:{receiver.port}", database=database)
    pair = Pair(system, next_build(tmp_path / "next"))
    try:
        pair.begin("first", "this")
        system.wait_ready()
        pair.begin("second", "next")
        sender = Sender(system, per_second=12)
        try:
            eventually(lambda: statement(database, WORK, FIELD)[0]["by_next"], 120, "its work")
            for place, build in (("second", "next"), ("first", "next"), ("second", "this")):
                sender.wait_for(6)
                pair.kill_and_begin(place, build)
            sender.wait_for(12)
        finally:
            sender.stop()
        system.wait_ready()
        assert_nothing_lost_nothing_twice(system, receiver, sender)
        done = statement(database, WORK, FIELD)[0]
        assert 0 < done["by_next"] < done["all_"], "each of them did its part"
        assert statement(database, UNREADABLE)[0][0] == 0
    finally:
        system.remove()
