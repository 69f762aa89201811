"""Every recorded call of every kind, over HTTP, to its end: five times at once, late, backwards."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import httpx
import pytest
import yaml

from libs.common.configuration.known import CHALLENGED
from services.capture.door.door import submission_id_of
from services.capture.sources import Arrival
from services.capture.sources.chats import day_of
from tests.doubles.graph import Graph
from tests.doubles.hubspot import HubSpot
from tests.doubles.linkedin import LinkedIn
from tests.doubles.signing import Sent, dated, signed
from tests.e2e.looking import lead_that
from tests.e2e.system import System
from tests.plugins.installation import Install
from tests.unit.capture.sources.recorded import Recorded, recorded
from tests.unit.capture.sources.samples import body

pytestmark = pytest.mark.parametrize("install", ["embedded"], indirect=True, scope="module")

CALLS = recorded()
PAGE = "nil.example/services/seo"
AT_ONCE = 5


def key_of(place: int) -> str:
    """Each call has a source of its own, so that cases that tell of one lead do not meet."""
    return f"s{place}"


@pytest.fixture(scope="module")
def apis() -> Iterator[dict[str, Graph]]:
    """Of the platforms that send ids only: somebody is behind every id."""
    made: dict[str, Graph] = {"linkedin": LinkedIn(), "hubspot": HubSpot()}
    yield made
    for api in made.values():
        api.close()


@pytest.fixture(scope="module")
def system(install: Install, apis: dict[str, Graph]) -> System:
    made = install()
    whole = yaml.safe_load(made.config.read_text("utf-8"))
    for place, call in enumerate(CALLS):
        given = {"secret": call.about.get("secret"), **call.about.get("configured", {})}
        given = {name: value for name, value in given.items() if name != "api_url" and value}
        if call.kind.kind in apis:
            given |= {"access_token": "token-1", "api_url": apis[call.kind.kind].url}
        whole["sources"].append(
            {"page": PAGE, **given, "key": key_of(place), "kind": call.kind.kind}
        )
    whole["limits"]["wrong_proofs_per_network"] = "off"
    made.config.write_text(yaml.safe_dump(whole, allow_unicode=True), "utf-8")
    made.up()
    return made


@cache
def body_of(place: int) -> bytes:
    """What is sent of a call, the same each time."""
    call = CALLS[place]
    raw = call.knock.body
    return raw if call.is_refused else dated(call.kind.kind, raw, int(time.time()))


def send(system: System, place: int, call: Recorded) -> httpx.Response:
    """One call as its platform would make it now."""
    tail = f"/{call.delivery['tail']}" if call.delivery.get("tail") else ""
    query = call.knock.url.partition("?")[2]
    path = f"/v1/webhooks/{call.kind.kind}/{key_of(place)}{tail}" + (f"?{query}" if query else "")
    headers = {name.decode(): value.decode() for name, value in call.knock.headers.items()}
    if not call.is_refused:
        url = f"{str(system.capture.base_url).rstrip('/')}{path}"
        secret = call.about.get("secret") or ""
        sent = Sent(body_of(place), secret, int(time.time()), url, headers)
        headers = signed(call.kind.kind, sent) if secret else headers
    content = body_of(place)
    return system.capture.request(call.knock.method, path, content=content, headers=headers)


def test_each_call_of_each_kind_ends_as_was_written_down(system: System) -> None:
    everything = [each for each in enumerate(CALLS) for _ in range(AT_ONCE)]
    for place, _ in everything:
        body_of(place)  # before the threads: each repeat is of the same bytes
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda each: send(system, *each), reversed(everything)))
    for (_, call), answer in zip(reversed(everything), answers, strict=True):
        wanted = call.delivery.get("status", 200)
        assert answer.status_code == wanted, (call.delivery["file"], answer.text)
        expected = call.kind.answering(call.knock, call.configured())
        if wanted == expected.status:
            assert answer.content == expected.body
    assert system.settled_books()["balanced"]
    for place, call in enumerate(CALLS):
        for arrival in () if call.is_refused else call.delivery["arrivals"]:
            if arrival.get("key"):
                check(system, place, call, arrival)


def test_a_challenge_is_answered_by_who_knows_the_secret(system: System) -> None:
    place, call = next(each for each in enumerate(CALLS) if each[1].kind.kind in CHALLENGED)
    about = call.about["handshake"]
    asked = json.loads(body(call.kind.kind, about["file"]))["url"].partition("?")[2]
    path = f"/v1/webhooks/{call.kind.kind}/{key_of(place)}"
    answer = system.capture.get(f"{path}?{asked}")
    assert (answer.status_code, answer.text) == (about["status"], about["body"])
    assert answer.headers["content-type"] == about["content_type"]
    assert system.capture.get(f"{path}?challengeCode=%7B%7D").status_code == 403


def check(system: System, place: int, call: Recorded, arrival: dict[str, Any]) -> None:
    """That the submission is in its state, and its lead has what was sent."""
    kind, key = call.kind.kind, arrival["key"]
    parsed = call.kind.parse(call.knock._replace(body=body_of(place)), call.configured())
    said = next((one for one in parsed if isinstance(one, Arrival) and one.key == key), None)
    talk = day_of(said, "Asia/Tehran") if said else None
    own = submission_id_of(kind, key_of(place), talk or key)
    told = (call.delivery["file"], arrival["key"])
    found = system.desk.get(f"/api/submissions/{own}")
    assert found.status_code == 200, told
    body = found.json()
    wanted = arrival["state"]
    # two of the samples may be of one person: then the later one is a touch of the lead
    allowed = {wanted, "duplicate"} if wanted == "notified" else {wanted}
    assert body["state"] in allowed, (told, body["state"], body.get("reason"))
    if wanted == "notified":
        of = ("phone", "email", "handle")
        shows = lead_that(
            system, body["lead_id"], lambda lead: any(lead["contact"][name] for name in of)
        )
        assert shows, told
