"""What every row is handed: how much to measure, on which log, and what to measure against."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench.installation import Installation, installation
from tests.bench.nodered import NodeRed
from tests.bench.processes import Process, free_port, python
from tests.bench.sink import Sink, sink


@dataclass(frozen=True)
class Place:
    """One log's turn."""

    log: str
    """`embedded` or `kafka`."""
    kafka: str
    """Bootstrap servers; empty for the embedded log."""
    broker: int | None
    """The broker's process, for its share of the processor."""
    quick: bool
    """Seconds instead of minutes: whether it runs at all, no figures."""
    long: bool
    """Ten million persons instead of one."""
    folder: Path
    node_red: NodeRed | None
    say: Callable[[str], None]

    @property
    def runs(self) -> int:
        """Pairs of every row."""
        return 1 if self.quick else 3

    def seconds(self, full: float) -> float:
        """How long to measure."""
        return 1.0 if self.quick else full

    @contextlib.asynccontextmanager
    async def fresh(self) -> AsyncIterator[tuple[Installation, Sink]]:
        """A fresh installation and the end where its specialists are told."""
        async with sink() as told, installation(self.kafka, told.port) as made:
            yield made, told

    @contextlib.contextmanager
    def process(self, *arguments: str, port: int) -> Iterator[Process]:
        """Another program on that port, until the end of the block."""
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
        made = Process(python(*arguments), environment, self.folder / "other.log", None)
        try:
            made.wait_listening(port)
            yield made
        finally:
            made.stop()

    @contextlib.contextmanager
    def bare(self) -> Iterator[tuple[int, Process]]:
        """The bare ASGI app: its port and process."""
        port = free_port()
        with self.process("-m", "tests.bench.bare", str(port), port=port) as process:
            yield port, process
