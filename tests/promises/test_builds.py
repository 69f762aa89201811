"""Two builds side by side, over a rolling restart under load: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import ROOT, SERVICES, System, eventually
from tests.e2e.test_books import statement
from tests.faults.sender import Sender, assert_nothing_lost_nothing_twice
from tests.plugins.database import Databases
from tests.promises.builds import FIELD, next_build, start_from, with_one_field_more

MORE = "SELECT count(*) FROM desk.leads WHERE body::text LIKE '%' || $1 || '%'"


@pytest.fixture
def database(databases: Databases) -> Iterator[str]:
    name = asyncio.run(databases.take())
    yield databases.named(name)
    asyncio.run(databases.give_back(name))


def roll(system: System, service: str, build: Path) -> None:
    """As an operator does: the old process ends in order, the new one begins in its place."""
    name = f"{service}-0"
    process = system.processes.pop(name)
    process.terminate()
    assert process.wait(30) == 0, system.output()[-3000:]
    output = system.folder / f"{name}.log"
    before = output.stat().st_size
    start_from(build, system, name, "serve", service)
    # what has not come as far as to say where it listens may know no signal yet
    eventually(lambda: output.stat().st_size > before, 120, f"a word of {name}")


def test_a_struct_of_the_next_build_has_one_field_more() -> None:
    text = "import msgspec\n\nclass One(msgspec.Struct):\n    a: int\n\nclass Two:\n    b: int\n"
    assert with_one_field_more(text).count(FIELD) == 1


def test_invariant_28_two_builds_side_by_side_lose_nothing_in_a_rolling_restart(
    tmp_path: Path, receiver: Receiver, kafka_bootstrap: str, database: str
) -> None:
    build = next_build(tmp_path / "next")
    system = System(f"http://127.0.0.1:{receiver.port}", kafka_bootstrap, database)
    try:
        system.up_apart()
        sender = Sender(system, per_second=15)
        try:
            sender.wait_for(12)
            # the last first: what reads is older than what writes, and then the other way round
            for service in ("routing", "capture", "desk", "scoring", "enrichment"):
                roll(system, service, build)
                sender.wait_for(6)
            system.wait_ready()
            sender.wait_for(12)
            # on a busy machine the next build's desk joins its group long after it is ready
            eventually(
                lambda: statement(database, MORE, FIELD)[0][0] > 0, 120, "a lead by the next build"
            )
            for service in ("enrichment", "desk"):  # a roll-back of some: old reads new again
                roll(system, service, ROOT)
                sender.wait_for(6)
        finally:
            sender.stop()
        system.wait_ready()
        assert_nothing_lost_nothing_twice(system, receiver, sender)
        assert set(system.stop().values()) == {0}
        assert len(SERVICES) == 5
    finally:
        system.remove()
