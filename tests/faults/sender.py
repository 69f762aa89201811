"""A client that goes on posting while everything round it dies, and what must be true after."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx

from tests.e2e.looking import leads_of
from tests.e2e.receiver import Receiver
from tests.e2e.system import API_KEY, System, eventually


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
        eventually(lambda: len(self.accepted) >= wanted, 120, "accepted posts")

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)


def assert_nothing_lost_nothing_twice(system: System, receiver: Receiver, sender: Sender) -> None:
    """Every accepted post has one lead, which one specialist was told of once."""
    assert sender.accepted
    books = system.settled_books()
    assert books["balanced"], books
    for phone, submission_id in sender.accepted.items():
        found = system.submission(submission_id, "notified")
        leads = leads_of(system, 1, q=phone)
        assert [lead["id"] for lead in leads] == [found["lead_id"]]
        assert len(receiver.of_lead(found["lead_id"])) == 1
