"""Limits and signs may hold up or delay a human, never lose one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest
from typing_extensions import override

from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually

HUMANS = 90
HTML = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
LIMITS = "limits: {form_per_network: 10/h, form_refuse_above: 15/s}\n"


class Form(HTMLParser):
    """The form of a page, as a browser would send it again."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.filled = "", dict[str, str]()
        self._long = ""
        self.feed(page)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.action = found.get("action") or self.action
        if tag == "input":
            self.filled[found["name"] or ""] = found.get("value") or ""
        self._long = found["name"] or "" if tag == "textarea" else ""

    @override
    def handle_data(self, data: str) -> None:
        if self._long:
            self.filled[self._long] = data
            self._long = ""


@pytest.fixture
def system(receiver: Receiver, database_url: str) -> Iterator[System]:
    made = System(f"http://127.0.0.1:{receiver.port}", database=database_url)
    text = made.config.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in text if not line.startswith("limits:")]
    made.config.write_text("".join([*kept, LIMITS]), encoding="utf-8")
    made.up()
    yield made
    made.remove()


def human(number: int) -> dict[str, str]:
    """Some write slowly, some let the browser fill in everything, some write in Persian."""
    typed = {
        "phone": f"0935{number:07d}",
        "name": f"سارا {number}",
        "message": f"سلام،\nقیمت {number} چند است؟",
        "fax_2": "",
        "ms_open": "300" if number % 10 == 0 else str(5000 + number),
    }
    return typed | ({"email": f"h{number}@nil.example"} if number % 3 else {})


def send(client: httpx.Client, number: int) -> Counter[str]:
    """Send, and where asked to, send what the page kept once more, as often as it takes."""
    seen: Counter[str] = Counter()
    action, filled = "/v1/forms/contact", human(number)
    while True:
        answer = client.post(action, data=filled, headers=HTML)
        if answer.status_code == 303:
            return seen
        assert answer.status_code == 429, answer.text
        seen["asked to come again"] += 1
        kept = Form(answer.text)
        action, again = kept.action, {name: value for name, value in kept.filled.items() if value}
        assert again.items() >= {n: v for n, v in filled.items() if v}.items()
        filled = again
        time.sleep(int(answer.headers["retry-after"]))  # as the page says


def test_invariant_22_every_human_is_released(system: System) -> None:
    with ThreadPoolExecutor(30) as pool:
        told = list(pool.map(lambda n: send(system.capture, n), range(HUMANS)))
    assert sum((each for each in told), Counter())["asked to come again"] > 0
    eventually(lambda: system.books()["in_flight"] == 0 or None, 120, "all at an end")
    held = _held(system)
    assert len(held) >= HUMANS - 10
    assert {item["reason"] for item in held} == {"suspected_bot", "too_many_posts"}
    for item in held:
        answer = system.desk.post(f"/api/quarantine/{item['id']}/release")
        assert answer.status_code in {200, 202}, answer.text
    books = eventually(lambda: _all_through(system), 120, "every human through")
    assert books["accepted"] == HUMANS
    assert books["balanced"]
    assert books["terminal"] == {"notified": HUMANS}
    names = {lead["contact"]["name"] for lead in _leads(system)}
    assert names == {human(number)["name"] for number in range(HUMANS)}


def _held(system: System) -> list[dict[str, Any]]:
    return _whole(system, "/api/quarantine")


def _leads(system: System) -> list[dict[str, Any]]:
    return _whole(system, "/api/leads")


def _whole(system: System, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        asked = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
        page = system.desk.get(path, params=asked).raise_for_status().json()
        found += page["items"]
        cursor = page["next"]
    return found


def _all_through(system: System) -> dict[str, Any] | None:
    books = system.books()
    return books if books["terminal"].get("notified") == HUMANS else None
