"""Ending while everything that a process depends on hangs, and people go on calling."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from deploy.kafka.local import LocalKafka
from tests.e2e.system import API_KEY, SERVICES, TOKEN, System, eventually
from tests.hostile.callers import Callers, Hanging
from tests.plugins.kafka import started
from tests.ports import free_port

WITHIN = 25.0


class Scene(NamedTuple):
    """Two installations on one broker: a process for each service, and all in one."""

    apart: System
    whole: System
    kafka: LocalKafka
    provider: Hanging

    def health(self) -> dict[str, int]:
        """Where each process says whether it is ready."""
        ports = {name: int(self.apart.environment[f"ADMIN_{name}"]) for name in SERVICES[1:4]}
        named = {"capture": self.apart.capture_port, "desk": self.apart.desk_port}
        return ports | named | {"up": self.whole.capture_port, "up desk": self.whole.desk_port}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    kafka, provider = started(LocalKafka(tmp_path / "cluster")), Hanging()
    apart, whole = (System(provider.url, kafka.bootstrap) for _ in range(2))
    try:
        for name in SERVICES:
            port = str(free_port())
            apart.environment[f"ADMIN_{name}"] = port
            apart.start(name, "serve", name, SARNAKH_ADMIN_PORT=port)
        whole.start("up", "up")
        apart.wait_ready()
        whole.wait_ready()
        yield Scene(apart, whole, kafka, provider)
    finally:
        for system in (apart, whole):
            _signal_postgres(system, signal.SIGCONT)
        kafka.resume()
        apart.remove()
        whole.remove()
        kafka.stop()
        provider.close()


@pytest.mark.waits
def test_invariant_16_all_end_in_time_with_an_answer_for_everybody_though_everything_hangs(
    scene: Scene,
) -> None:
    systems = (scene.apart, scene.whole)
    for system in systems:
        assert system.post_lead({"phone": "09121234567", "page_url": "nil.example"}).is_success
    eventually(lambda: scene.provider.taken >= 2, 120, "notifications under way")
    for system in systems:  # what the processes wait for from now on never answers
        _signal_postgres(system, signal.SIGSTOP)
    scene.kafka.pause()
    callers = [Callers(system.capture_port, _lead()) for system in systems]
    callers += [Callers(system.desk_port, _asking()) for system in systems]
    eventually(lambda: all(each.answers[202] > 50 for each in callers[:2]), 120, "load")
    eventually(lambda: _is_away(scene.apart) and _is_away(scene.whole), 120, "what hangs is away")
    watch = {name: _Watch(port) for name, port in scene.health().items()}

    began = time.monotonic()
    processes = [(n, p) for system in systems for n, p in system.processes.items()]
    for _, process in processes:
        process.send_signal(signal.SIGTERM)
    ended = {}
    for name, process in processes:
        ended[name] = process.wait(WITHIN + 5 - (time.monotonic() - began))
        assert time.monotonic() - began < WITHIN, name
    assert ended == dict.fromkeys((*SERVICES, "up"), 0)
    for caller in callers:
        caller.stop()

    assert {name: each.wait() for name, each in watch.items()} == dict.fromkeys(watch, 503)
    assert max(each.at - began for each in watch.values()) < 2.5
    for caller in callers:
        assert not caller.dropped
        assert not set(caller.answers) - {200, 202, 503}, caller.answers
    output = scene.apart.output() + scene.whole.output()
    assert "Traceback" not in output


def _is_away(system: System) -> bool:
    """Whether the desk says within two seconds that its database hangs."""
    answer = system.desk.get("/readyz", timeout=2)
    return answer.status_code == 503 and "postgres" in answer.text


class _Watch:
    """Somebody who looks at a readiness page, on one connection, until it says no."""

    def __init__(self, port: int) -> None:
        self.status, self.at = 0, 0.0
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=5)
        self._client.get("/livez")
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def wait(self) -> int:
        self._thread.join(30)
        self._client.close()
        return self.status

    def _look(self) -> None:
        with contextlib.suppress(httpx.TransportError):
            while "stopping" not in (answer := self._client.get("/readyz")).text:
                time.sleep(0.05)
            self.status, self.at = answer.status_code, time.monotonic()


def _signal_postgres(system: System, which: signal.Signals) -> None:
    for pid in system.postgres():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), which)
            os.kill(pid, which)


def _lead() -> bytes:
    """A new lead of the same person, over and over."""
    body = json.dumps({"phone": "09121234567", "message": uuid.uuid4().hex}).encode()
    return (
        b"POST /v1/leads HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n%b"
    ) % (API_KEY.encode(), len(body), body)


def _asking() -> bytes:
    """A page of the desk that needs the database."""
    head = "GET /api/leads HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
    return f"{head}{TOKEN}\r\n\r\n".encode()
