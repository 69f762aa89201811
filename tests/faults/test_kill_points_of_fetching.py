"""SIGKILL in the midst of fetching a lead from a platform: it comes in once, whole."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from tests.doubles.graph import Graph
from tests.e2e.forking import Running
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

POINTS = (
    "capture.fetch.claimed",
    "capture.fetch.got",
    "capture.input.taken",
    "capture.fetch.settled",
)
SOURCE = """
  - {key: ads, kind: meta, secret: app-secret, access_token: token-1, api_url: "%s"}
api_keys:"""


@pytest.fixture
def graph() -> Iterator[Graph]:
    made = Graph()
    yield made
    made.close()


def _post(system: System, item: str) -> bool:
    change = {"field": "leadgen", "value": {"leadgen_id": item, "form_id": "1"}}
    body = json.dumps({"object": "page", "entry": [{"id": "1", "changes": [change]}]}).encode()
    signature = hmac.new(b"app-secret", body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={signature}"}
    try:
        answer = system.capture.post("/v1/webhooks/meta/ads", content=body, headers=headers)
    except httpx.TransportError:
        return False  # as Meta does, it is sent again
    return answer.status_code == 200


def _has_ended(process: Running) -> bool:
    return process.poll() is not None


@pytest.mark.parametrize("install", ["embedded"], indirect=True)
def test_invariant_01_a_process_killed_at_each_point_of_fetching_loses_and_doubles_nothing(
    install: Install, receiver: Receiver, graph: Graph
) -> None:
    system = install()
    written = system.config.read_text("utf-8")
    system.config.write_text(written.replace("\napi_keys:", SOURCE % graph.url), "utf-8")
    items = [f"777000000{n}" for n in range(len(POINTS))]
    missed = []
    for point, item in zip(POINTS, items, strict=True):
        system.start("up", "up", SARNAKH_FAIL_POINT=point)
        process = system.processes["up"]
        eventually(partial(_post, system, item), 120, "accepted")
        try:
            eventually(partial(_has_ended, process), 120, point)
        except AssertionError:
            missed.append(point)
        system.processes.pop("up").kill()
    system.up()
    assert not missed, f"never reached: {missed}\n{system.output()[-2000:]}"
    for item in items:
        (found,) = eventually(partial(system.leads, q=f"+98912{item[-7:]}"), 120, item)
        eventually(partial(receiver.of_lead, found["id"]), 120, "told")
        assert len(receiver.of_lead(found["id"])) == 1
        assert found["touch_count"] == 1
    books = system.settled_books()
    assert books["balanced"], books
    assert books["accepted"] == len(items)
