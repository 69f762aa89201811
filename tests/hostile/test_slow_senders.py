"""Many who are slow on purpose: the honest do not notice, and a small machine does not fall."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest

from tests.e2e.system import ROOT, System, eventually
from tests.hostile.watching import Watching

FEW_FILES = 256


@pytest.fixture
def system() -> Iterator[System]:
    made = System("http://127.0.0.1:9")
    yield made
    made.remove()


class Crowd:
    """The slow ones."""

    def __init__(self, port: int, count: int, seconds: float) -> None:
        command = [sys.executable, "-m", "tests.hostile.crowd", str(port), str(count), str(seconds)]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        self._seconds = seconds

    @property
    def is_there(self) -> bool:
        return self._process.poll() is None

    def told(self) -> dict[str, Any]:
        said, _ = self._process.communicate(timeout=self._seconds + 20)
        found: dict[str, Any] = json.loads(said)
        return found


def honest(system: System, crowd: Crowd, seconds: float) -> list[float]:
    """How long each of twenty posts a second took, each on a connection of its own."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    def post(number: int) -> float:
        began = time.monotonic()
        connection = HTTPConnection("127.0.0.1", system.capture_port, timeout=10)
        connection.request("POST", "/v1/forms/plain", f"phone=0912{number:07d}", headers)
        answer = connection.getresponse()
        assert answer.status == 202, answer.read()
        connection.close()
        return time.monotonic() - began

    posts: list[Future[float]] = []
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        while crowd.is_there and time.monotonic() - began < seconds:
            posts.append(pool.submit(post, len(posts)))
            time.sleep(max(0.0, began + 0.05 * len(posts) - time.monotonic()))
    return sorted(each.result() for each in posts)


@pytest.mark.alone
def test_invariant_18_fifteen_hundred_slow_sockets_hold_up_nobody(system: System) -> None:
    system.start("capture", "serve", "capture")
    eventually(lambda: _is_at_work(system), 120, "at work")
    watching = Watching(system.processes["capture"].pid)
    crowd = Crowd(system.capture_port, 1500, 36)
    took = honest(system, crowd, 40)
    told = crowd.told()
    watching.stop()
    assert len(took) > 400
    assert took[int(0.99 * len(took))] < 0.5, took[-20:]
    assert {kind: told[kind]["open"] for kind in told} == {"head": 0, "body": 0, "silent": 0}
    assert 9 < told["head"]["least"] < told["head"]["most"] < 12, told
    assert 9 < told["silent"]["least"] < told["silent"]["most"] < 12, told
    assert 29 < told["body"]["least"] < told["body"]["most"] < 33, told
    assert watching.files < 0.8 * watching.most_files
    assert watching.memory < 300 * 1024 * 1024


def test_invariant_18_with_few_files_it_degrades_and_goes_on(system: System) -> None:
    command = f'ulimit -n {FEW_FILES}; exec "{sys.executable}" -m services up'
    with (system.folder / "up.log").open("ab") as output:
        process = subprocess.Popen(
            ["sh", "-c", command], cwd=ROOT, env=system.environment, stdout=output, stderr=output
        )
    system.processes["up"] = process
    system.wait_ready()
    watching = Watching(process.pid)
    assert watching.most_files == FEW_FILES
    crowds = [Crowd(port, 600, 6) for port in (system.capture_port, system.desk_port)]
    took = honest(system, crowds[0], 8)
    for crowd in crowds:
        crowd.told()
    watching.stop()
    assert len(took) > 50
    assert watching.files < 0.8 * FEW_FILES
    assert process.poll() is None
    assert system.desk.get("/api/books").status_code == 200
    assert "Traceback" not in system.output()


def _is_at_work(system: System) -> bool:
    """Whether it has everything it works with: what comes before that is not measured here."""
    try:
        answers = [system.post_lead({"phone": "09121234567"}) for _ in range(20)]
    except httpx.TransportError:
        return False
    return all(answer.headers.get("X-Durability") == "replicated" for answer in answers)
