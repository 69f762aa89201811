"""SIGKILL between any two lines: nothing accepted is lost, nobody is told twice."""

from __future__ import annotations

import itertools
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

import httpx
import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import API_KEY, System, eventually
from tests.plugins.installation import Install

POINTS = (
    "capture.spool.written",
    "capture.spool.synced",
    "capture.published",
    *(
        f"{stage}.{point}"
        for stage in ("enrichment", "scoring", "routing", "desk")
        for point in ("applied", "published")
    ),
    "routing.claimed",
    "routing.sent",
    "routing.settled",
)


@dataclass
class Sender:
    """Posts leads of different people until it is stopped, each until it is accepted.

    A post that gets no answer is repeated with its Idempotency-Key, as a client would.
    """

    system: System
    per_second: float
    accepted: dict[str, str] = field(default_factory=dict)
    """Phone → submission id, of what was answered with a complete 2xx."""
    changed_ids: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1_000_000))
    """Numbers that are nobody else's: two alike by chance would rightly be one lead."""

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        due = time.monotonic()
        with httpx.Client(base_url=self.system.capture.base_url, timeout=5) as client:
            while not self._stop.is_set():
                self._post(client)
                due += 1 / self.per_second
                self._stop.wait(max(0.0, due - time.monotonic()))

    def _post(self, client: httpx.Client) -> None:
        phone = f"+98912{next(self._numbers):07d}"
        headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": uuid.uuid4().hex}
        while not self._stop.is_set():
            try:
                answer = client.post("/v1/leads", json={"phone": phone}, headers=headers)
            except httpx.TransportError:
                self._stop.wait(0.05)
                continue
            if answer.status_code == 202:
                self.accepted[phone] = answer.json()["submission_id"]
                return
            self._stop.wait(0.05)

    def wait_for(self, more: int) -> None:
        """Until so many more posts are accepted."""
        wanted = len(self.accepted) + more
        eventually(lambda: len(self.accepted) >= wanted, 40, "accepted posts")

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    return process.poll() is not None


def assert_nothing_lost_nothing_twice(system: System, receiver: Receiver, sender: Sender) -> None:
    """Every accepted post has one lead, which one specialist was told of once."""
    assert sender.accepted
    books = system.settled_books(60)
    assert books["balanced"], books
    for phone, submission_id in sender.accepted.items():
        found = system.submission(submission_id, "notified")
        leads = system.leads(q=phone)
        assert [lead["id"] for lead in leads] == [found["lead_id"]]
        assert len(receiver.of_lead(found["lead_id"])) == 1


@pytest.mark.timeout(400)
def test_a_process_killed_at_each_point_loses_and_doubles_nothing(
    install: Install, receiver: Receiver
) -> None:
    system = install()
    system.up()
    sender = Sender(system, per_second=10)
    missed = []
    try:
        system.kill()
        for point in POINTS:
            system.start("up", "up", SARNAKH_FAIL_POINT=f"{point}:2")
            process = system.processes["up"]
            try:
                eventually(partial(_has_ended, process), 40, point)
            except AssertionError:
                missed.append(point)
            system.processes.pop("up").kill()
        system.up()
    finally:
        sender.stop()
    assert not missed, f"never reached: {missed}\n{system.output()[-2000:]}"
    assert_nothing_lost_nothing_twice(system, receiver, sender)


@pytest.mark.timeout(400)
def test_everything_killed_ten_times_under_load(install: Install, receiver: Receiver) -> None:
    system = install()
    system.up()
    sender = Sender(system, per_second=50)
    try:
        for _ in range(10):
            sender.wait_for(25)
            system.kill_everything()
            system.up()
    finally:
        sender.stop()
    assert_nothing_lost_nothing_twice(system, receiver, sender)


@pytest.mark.timeout(200)
def test_one_of_two_processes_killed_is_made_up_for(install: Install, receiver: Receiver) -> None:
    system = install()
    system.up_apart(copies=2)
    sender = Sender(system, per_second=20)
    try:
        for service in ("enrichment", "scoring", "routing", "desk"):
            sender.wait_for(20)
            system.kill(f"{service}-1")
        sender.wait_for(20)
    finally:
        sender.stop()
    assert_nothing_lost_nothing_twice(system, receiver, sender)
    assert set(system.stop().values()) == {0}
