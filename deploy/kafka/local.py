"""Starts, stops, kills and suspends brokers on loopback.

A broker listens about four seconds after its first start, and takes some 340 MB.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import signal
import socket
import struct
import subprocess
import time
import uuid
from pathlib import Path
from string import Template
from typing import Final

from deploy.kafka.jars import KafkaUnavailable, jars, java

_HERE: Final = Path(__file__).parent
_JVM: Final = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
_API_VERSIONS: Final = struct.pack(">ihhih", 10, 18, 0, 1, -1)
"""The one request that any broker answers before it knows us (Kafka protocol, key 18)."""
_OURS: Final = range(15_500, 20_000)
"""Ports to choose from."""


class LocalKafka:
    """A cluster whose files are all in `folder`; starting it again finds its records there."""

    def __init__(self, folder: Path, nodes: int = 1) -> None:
        self._folder = folder
        self._nodes = nodes
        self._ports: list[tuple[int, int]] = []
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def bootstrap(self) -> str:
        """Addresses of all nodes, as clients want them."""
        return ",".join(f"127.0.0.1:{port}" for port, _controller in self._ports)

    def start(self, timeout: float = 60) -> str:
        """Start every node, wait until each answers, and give the bootstrap addresses.

        Raises KafkaUnavailable where that cannot be done here, with the reason.
        """
        libs = jars()
        if not self._ports:
            self._prepare(libs)
        for node in range(self._nodes):
            self.start_node(node)
        self.wait(timeout)
        return self.bootstrap

    def wait(self, timeout: float = 60) -> None:
        """Wait until every node that runs answers."""
        deadline = time.monotonic() + timeout
        for node, process in self._processes.items():
            while not _answers(self._ports[node][0]):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise KafkaUnavailable(f"Kafka did not start; see {self._output(node)}")
                time.sleep(0.05)

    def start_node(self, node: int) -> None:
        """Start one node (again); it answers some seconds later."""
        running = self._processes.get(node)
        if running is not None and running.poll() is None:
            return
        command = [
            java(),
            *_JVM,
            f"-Dlog4j2.configurationFile={(_HERE / 'log4j2.properties').as_uri()}",
            *("-cp", f"{jars()}/*", "kafka.Kafka", str(self._properties(node))),
        ]
        with self._output(node).open("ab") as output:
            self._processes[node] = subprocess.Popen(  # noqa: S603  Java by name, arguments ours
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        (self._folder / f"{node}.pid").write_text(str(self._processes[node].pid))

    def stop(self) -> None:
        """End every node in order; whatever still runs after 15 s is killed."""
        for node in self._processes:
            self.resume(node)
            self._signal(node, signal.SIGTERM)
        for node, process in self._processes.items():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill(node)

    def kill(self, node: int = 0) -> None:
        """SIGKILL, as a crash would."""
        self._signal(node, signal.SIGKILL)
        self._processes[node].wait()

    def pause(self, node: int = 0) -> None:
        """SIGSTOP: connected but silent, the worst fault for a client. Returns once it is."""
        self._signal(node, signal.SIGSTOP)
        os.waitid(os.P_PID, self._processes[node].pid, os.WSTOPPED)

    def resume(self, node: int = 0) -> None:
        """SIGCONT."""
        self._signal(node, signal.SIGCONT)

    def _signal(self, node: int, which: signal.Signals) -> None:
        if self._processes[node].poll() is None:
            self._processes[node].send_signal(which)

    def _prepare(self, libs: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._ports = [(free_port(), free_port()) for _ in range(self._nodes)]
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        for node in range(self._nodes):
            self._write_properties(node)
            _format(libs, cluster, self._properties(node))

    def _write_properties(self, node: int) -> None:
        port, controller_port = self._ports[node]
        voters = ",".join(f"{n}@127.0.0.1:{ports[1]}" for n, ports in enumerate(self._ports))
        template = Template((_HERE / "server.properties").read_text())
        self._properties(node).write_text(
            template.substitute(
                node=node,
                voters=voters,
                port=port,
                controller_port=controller_port,
                data=self._folder / f"data-{node}",
                nodes=self._nodes,
                most=self._nodes // 2 + 1,
            )
        )

    def _properties(self, node: int) -> Path:
        return self._folder / f"{node}.properties"

    def _output(self, node: int) -> Path:
        return self._folder / f"{node}.log"


def stop_started(folder: Path, how: signal.Signals = signal.SIGTERM) -> int:
    """End the nodes that another process started in `folder`; how many there were."""
    ended = 0
    for remembered in folder.glob("*/*.pid"):
        pid = int(remembered.read_text())
        if _is_broker_of(pid, remembered.parent):
            os.kill(pid, how)
            ended += 1
        remembered.unlink()
    return ended


def _is_broker_of(pid: int, folder: Path) -> bool:
    """Whether that number still means what it meant when it was written down."""
    with contextlib.suppress(subprocess.SubprocessError, OSError):
        shown = subprocess.run(  # noqa: S603  a fixed program, a number
            ["ps", "-ww", "-o", "args=", "-p", str(pid)],  # noqa: S607  by name: its place differs
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
        return "kafka.Kafka" in shown.stdout and str(folder) in shown.stdout
    return False


def free_port() -> int:
    """A port of loopback that nobody listens on now.

    Below those that the kernel lends to whoever connects: a node that was killed wants its own
    again, and whoever calls it meanwhile must not be given it (nor connect to itself).
    """
    while True:
        port = _OURS.start + secrets.randbelow(len(_OURS))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(_API_VERSIONS)
            return len(connection.recv(4)) > 0
    except OSError:
        return False


def _format(libs: Path, cluster: str, properties: Path) -> None:
    done = subprocess.run(  # noqa: S603  Java by name, arguments ours
        [
            java(),
            *_JVM,
            *("-cp", f"{libs}/*", "kafka.tools.StorageTool"),
            *(
                "format",
                f"--cluster-id={cluster}",
                "-c",
                str(properties),
            ),  # an id may begin with a dash
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise KafkaUnavailable(f"Kafka's storage could not be formatted: {done.stderr.strip()}")
