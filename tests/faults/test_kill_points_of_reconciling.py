"""SIGKILL in the midst of pulling a list: what no call brought comes in once, whole."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from tests.doubles.lists import TypeformLists
from tests.e2e.forking import Running
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

POINTS = ("capture.pull.taken", "capture.pull.settled")
"""What is taken in and not noted as such; a page of several that is."""
ITEMS = [f"888000000{n}" for n in range(4)]
SOURCE = """
  - {key: forms, kind: typeform, secret: s3cret, access_token: token-1, api_url: "%s",
     forms: [%s], reconcile: 1s}
api_keys:"""


@pytest.fixture
def platform() -> Iterator[TypeformLists]:
    made = TypeformLists()
    yield made
    made.close()


def _call(system: System, platform: TypeformLists, item: str) -> bool:
    body = platform.call(item)
    made = base64.b64encode(hmac.new(b"s3cret", body, hashlib.sha256).digest()).decode()
    headers = {"Typeform-Signature": f"sha256={made}", "Content-Type": "application/json"}
    try:
        answer = system.capture.post("/v1/webhooks/typeform/forms", content=body, headers=headers)
    except httpx.TransportError:
        return False
    return answer.status_code == 200


def _compared(system: System) -> dict[str, Any] | None:
    health = system.desk.get("/api/health").raise_for_status().json()
    (found,) = [one for one in health["sources"] if one["source"] == "forms"]
    told: dict[str, Any] | None = found["reconciled"]
    return told


def _has_missed(system: System, count: int) -> bool:
    told = _compared(system)
    return told is not None and told["missing"] == count


def _dies(process: Running) -> bool:
    return process.poll() is not None


@pytest.mark.parametrize("install", ["embedded"], indirect=True)
def test_invariant_01_a_process_killed_while_it_pulls_a_list_loses_and_doubles_nothing(
    install: Install, receiver: Receiver, platform: TypeformLists
) -> None:
    system = install()
    written = system.config.read_text("utf-8")
    source = SOURCE % (platform.url, platform.form)
    system.config.write_text(written.replace("\napi_keys:", source), "utf-8")
    system.up()
    eventually(partial(_compared, system), 120, "the list was compared while it was empty")
    system.processes.pop("up").kill()
    now = datetime.now(UTC)
    platform.sent = {item: now + timedelta(seconds=1 + n) for n, item in enumerate(ITEMS)}
    for point in POINTS:
        system.start("up", "up", SARNAKH_FAIL_POINT=point)
        process = system.processes["up"]
        eventually(partial(_dies, process), 120, point)
        system.processes.pop("up").kill()
    system.up()
    for item in ITEMS:
        (found,) = eventually(partial(system.leads, q=f"+98912{item[-7:]}"), 120, item)
        eventually(partial(receiver.of_lead, found["id"]), 120, "told")
    eventually(partial(_has_missed, system, len(ITEMS)), 120, "health tells how many")
    for _ in range(2):
        assert _call(system, platform, ITEMS[0])
    eventually(partial(_has_missed, system, len(ITEMS) - 1), 120, "one was late")
    told = _compared(system)
    assert told
    assert (told["late"], told["repeated"]) == (1, 1)
    for item in ITEMS:
        (found,) = system.leads(q=f"+98912{item[-7:]}")
        assert found["touch_count"] == 1
        assert len(receiver.of_lead(found["id"])) == 1
    books = system.settled_books()
    assert books["balanced"], books
    assert books["accepted"] == len(ITEMS)
