"""SIGKILL while specialists are told of lists: each is told of, and none of its leads twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import Any

import httpx
import pytest

from tests.e2e.forking import Running
from tests.e2e.receiver import Receiver, Told
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

POINTS = ("routing.summary.claimed", "routing.summary.sent", "routing.summary.noted")
ROWS = 6
CHOICE = {"basis": "bought_list", "page_url": "https://nil.example/services/seo"}


def _has_ended(process: Running) -> bool:
    return process.poll() is not None


def _put_in(system: System, number: int) -> str:
    rows = [f"x{n},0912{number}{n:06}" for n in range(ROWS)]
    content = "\n".join(["name,phone", *rows]).encode()
    brought = system.desk.post("/api/imports", params={"name": f"{number}.csv"}, content=content)
    item = str(brought.json()["id"])
    system.desk.post(f"/api/imports/{item}/check", json=CHOICE)
    eventually(partial(_is, system, item, "checked"), 120, "checked")
    system.desk.post(f"/api/imports/{item}/start")
    return item


def _is(system: System, item: str, state: str) -> bool:
    try:
        return bool(system.desk.get(f"/api/imports/{item}").json()["state"] == state)
    except httpx.TransportError:
        return False


def _told(deliveries: Sequence[Told]) -> dict[str, int]:
    """Of how many leads of each list; a delivery with a known id is a repeat."""
    found: dict[str, int] = defaultdict(int)
    bodies: dict[str, dict[str, Any]] = {one.webhook_id: one.body for one in deliveries}
    for body in bodies.values():
        assert body["type"] == "leads.listed"
        found[body["data"]["list"]["id"]] += body["data"]["leads"]
    return found


@pytest.mark.parametrize("install", ["embedded"], indirect=True)
def test_invariant_12_a_process_killed_while_it_tells_of_lists_tells_each_lead_once(
    install: Install, receiver: Receiver
) -> None:
    system, before = install(), len(receiver.told)
    items, missed = [], []
    for number, point in enumerate(POINTS):
        system.up(SARNAKH_FAIL_POINT=point)
        items.append(_put_in(system, number))
        try:
            eventually(partial(_has_ended, system.processes["up"]), 120, point)
        except AssertionError:
            missed.append(point)
        system.processes.pop("up").kill()
    system.up()
    assert not missed, f"never reached: {missed}\n{system.output()[-2000:]}"
    books = system.settled_books()
    assert books["terminal"] == {"notified": ROWS * len(POINTS)}, books
    assert _told(receiver.told[before:]) == dict.fromkeys(items, ROWS)
