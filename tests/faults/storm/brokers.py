"""Apache Kafka whose clients come through proxies: each broker advertises its proxy's port."""

from __future__ import annotations

import asyncio
from pathlib import Path

from deploy.kafka.local import LocalKafka, free_port
from tests.faults.storm.proxy import Proxy
from tests.faults.storm.timeline import Timeline

_OUTSIDE = """
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},OUTSIDE://127.0.0.1:{outside}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},OUTSIDE://127.0.0.1:{proxy}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,OUTSIDE:PLAINTEXT
"""


class _Cluster(LocalKafka):
    """With a listener of its own for clients; brokers talk to each other past the proxies."""

    def __init__(self, folder: Path, proxies: list[Proxy]) -> None:
        super().__init__(folder, len(proxies))
        self._proxies = proxies

    def _write_properties(self, node: int) -> None:
        super()._write_properties(node)
        port, controller = self._ports[node]
        proxy = self._proxies[node]
        with self._properties(node).open("a", encoding="utf-8") as file:
            file.write(
                _OUTSIDE.format(
                    port=port, controller=controller, outside=proxy.to, proxy=proxy.port
                )
            )


class Brokers:
    """One broker, or three with three replicas, of which two must be in sync."""

    def __init__(self, folder: Path, count: int, timeline: Timeline) -> None:
        self.proxies = [Proxy(free_port()) for _ in range(count)]
        self.count = count
        self._cluster = _Cluster(folder, self.proxies)
        self._timeline = timeline

    @property
    def direct(self) -> str:
        """Addresses of the brokers past the proxies, for whoever looks or makes trouble."""
        return self._cluster.bootstrap

    @property
    def bootstrap(self) -> str:
        """Addresses of the proxies."""
        return ",".join(f"127.0.0.1:{proxy.port}" for proxy in self.proxies)

    async def start(self) -> None:
        """Start all, and wait until they answer. Raises KafkaUnavailable."""
        for proxy in self.proxies:
            await proxy.start()
        await asyncio.to_thread(self._cluster.start)

    async def again(self, *nodes: int) -> None:
        """Start those that were killed (none named: all), and wait until they answer."""
        for node in nodes or range(self.count):
            self._cluster.start_node(node)
        await asyncio.to_thread(self._cluster.wait)

    def kill(self, node: int = 0) -> None:
        """SIGKILL."""
        self._cluster.kill(node)
        self._timeline.killed(f"broker {node}", "SIGKILL")

    def pause(self, node: int = 0) -> None:
        """SIGSTOP."""
        self._cluster.pause(node)

    def resume(self, node: int = 0) -> None:
        self._cluster.resume(node)

    def flow(self) -> None:
        """Nothing is done to the bytes any more."""
        for proxy in self.proxies:
            proxy.flow()

    def stop(self) -> None:
        """End all."""
        self._cluster.stop()
