"""The two logs under one name: every promise of the port is tried on both."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from libs.common.database import Database
from libs.common.log import Held, Log, Reader, Record, Stored
from libs.common.log.kafka import KafkaLog, Timing
from libs.common.log.postgres import Lease, PostgresLog

TOPICS = ("first", "second")


def open_log(kind: str, where: str, prefix: str, dead_after: float = 6.0) -> Log:
    """A log whose dead members are replaced within seconds, or after as many as one says."""
    if kind == "kafka":
        return KafkaLog(where, prefix, timing=Timing(dead_after, 0.5, 6.0))
    return PostgresLog(Database(where), prefix, Lease(dead_after, 0.5))


@dataclass
class Logs:
    """Opens logs as separate processes would: each has connections of its own."""

    kind: str
    where: str
    prefix: str
    opened: list[Log] = field(default_factory=list)

    def open(self, prefix: str | None = None, dead_after: float = 6.0) -> Log:
        """One more process's log."""
        named = self.prefix if prefix is None else prefix
        log = open_log(self.kind, self.where, named, dead_after)
        self.opened.append(log)
        return log


@pytest.fixture(params=["postgres", "kafka"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def where(kind: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("kafka_bootstrap" if kind == "kafka" else "database_url"))


@pytest.fixture
async def logs(kind: str, where: str) -> AsyncIterator[Logs]:
    """Logs with the topics `first` and `second`, of this test's own."""
    made = Logs(kind, where, f"t{uuid.uuid4().hex[:8]}.")
    await made.open().create_topics(TOPICS)
    yield made
    for log in made.opened:
        await log.close()


def records(number: int, topic: str = "first", keys: int = 40) -> list[Record]:
    """Records whose values count up, spread over `keys` keys."""
    return [Record(topic, f"key-{n % keys}", str(n).encode()) for n in range(number)]


async def read(reader: Reader, number: int, seconds: float = 120) -> list[tuple[Held, Stored]]:
    """At least `number` records, in the order in which they came."""
    found: list[tuple[Held, Stored]] = []
    deadline = time.monotonic() + seconds
    while len(found) < number:
        assert time.monotonic() < deadline, f"{len(found)} of {number} records came"
        for batch in await reader.fetch(500, 0.5):
            found.extend((batch.held, record) for record in batch.records)
    return found


async def commit_all(reader: Reader, found: Sequence[tuple[Held, Stored]]) -> None:
    """Commit everything that was read."""
    ends = {held: record.offset + 1 for held, record in found}
    for held, offset in ends.items():
        assert await reader.commit(held, offset)


async def holding(reader: Reader, number: int, seconds: float = 120) -> set[Held]:
    """What the reader holds, once it is `number` partitions."""
    deadline = time.monotonic() + seconds
    while len(reader.assigned()) != number:
        assert time.monotonic() < deadline, f"holds {len(reader.assigned())} of {number}"
        await reader.fetch(1, 0.05)
    return set(reader.assigned())
