"""Webhooks over HTTP: Standard Webhooks, with its official library as the sender."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from libs.common.configuration.schema import Source
from services.capture.routes import webhooks
from services.capture.sources import KINDS, Knock
from services.capture.sources.arrival import UNEXPECTED, Withdrawn
from services.capture.sources.standard import prove
from tests.fixtures.capture.capturing import CONFIGURATION, SECRET, Worker, capturing

URL = "/v1/webhooks/standard/partner"
OLDER = "whsec_b2xkZXItc2VjcmV0LTAxMjM0NTY3ODk="


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with capturing(tmp_path) as running:
        yield running


def signed(
    body: str, id_: str = "msg_1", secret: str = SECRET, at: float | None = None
) -> dict[str, str]:
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(id_, moment, body),
    }


async def send(
    worker: Worker, body: Any, headers: dict[str, str] | None = None, url: str = URL
) -> httpx.Response:
    content = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return await worker.http.post(url, content=content.encode(), headers=headers or signed(content))


def test_invariant_21_the_vector_of_the_sources_page() -> None:
    text = '{"type":"lead.created","timestamp":"2026-11-21T10:00:00Z","data":{"name":"نیلوفر"}}'
    body = text.encode()
    headers = {
        b"webhook-id": b"msg_2yLeadCapture0001",
        b"webhook-timestamp": b"1795255200",
        b"webhook-signature": b"v1,5iG+eE0eo5OESJ44vpbOhOwmo+KX20tI+zxOvHQpv9U=",
    }
    source = Source(key="p", kind="standard", secret=(SECRET,))
    knock = Knock("POST", URL, b"", headers, body, "")
    assert prove(knock, source, 1795255200)
    assert prove(knock, source, 1795255200 + 300)
    assert not prove(knock, source, 1795255200 + 301)
    assert not prove(knock, source, 1795255200 - 301)
    assert not prove(knock._replace(body=body + b" "), source, 1795255200)
    assert not prove(knock, Source(key="p", kind="standard"), 1795255200)


async def test_a_signed_lead_is_taken_with_its_mapping_and_common_names(worker: Worker) -> None:
    contact = {"reach": "۰۹۱۲", "email": "n@b.example"}
    data = {"name": "نیلوفر", "contact": contact, "city": "یزد", "utm": {"source": "p"}}
    answer = await send(worker, {"type": "lead.created", "timestamp": "x", "data": data})
    assert answer.status_code == 200
    lead = worker.leads[0]
    assert lead.fields == {"phone": "۰۹۱۲", "name": "نیلوفر", "email": "n@b.example"}
    assert lead.attribution.page_url == "nil.example/partners"
    assert lead.attribution.utm == {"source": "p"}
    assert lead.extra["city"] == "یزد"
    assert (lead.kind, lead.source, lead.source_kind) == ("webhook", "partner", "standard")
    assert lead.key_owner == "platform"
    assert lead.held is None


async def test_rule_01_a_repeat_is_the_same_event_a_changed_resend_is_not(worker: Worker) -> None:
    body = json.dumps({"data": {"phone": "1"}})
    for attempt in range(5):
        headers = signed(body, at=time.time() - attempt)
        assert (await send(worker, body, headers)).status_code == 200
    other = json.dumps({"data": {"phone": "1", "note": "changed"}})
    await send(worker, other, signed(other))
    ids = [(event.key, event.id) for event in worker.log.events]
    assert len(set(ids[:5])) == 1
    assert ids[5][0] == ids[0][0]
    assert ids[5][1] != ids[0][1]


async def test_rotation_and_svix_names(worker: Worker) -> None:
    body = json.dumps({"data": {"phone": "1"}})
    older = signed(body, secret=OLDER)
    assert (await send(worker, body, older)).status_code == 200
    several = older | {
        "webhook-signature": f"v2,x v1 nonsense v1a,abc {older['webhook-signature']}"
    }
    assert (await send(worker, body, several)).status_code == 200
    svix = {name.replace("webhook-", "svix-"): value for name, value in older.items()}
    assert (await send(worker, body, svix)).status_code == 200


@pytest.mark.parametrize(
    "broken",
    [
        {"webhook-signature": ""}, {"webhook-signature": "v1,"}, {"webhook-signature": "v1,امضا"},
        {"webhook-signature": "v1," + "A" * 43 + "="}, {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "1e9"}, {"webhook-timestamp": "9" * 5000}, {"webhook-timestamp": ""},
        {"webhook-timestamp": "-1"}, {"webhook-timestamp": "1"}, {"webhook-id": ""},
        {"webhook-id": "other"},
    ],
)  # fmt: skip
async def test_invariant_20_a_wrong_proof_is_401_and_creates_nothing(
    worker: Worker, broken: dict[str, str]
) -> None:
    body = json.dumps({"data": {"phone": "1"}})
    headers = {name.encode(): text.encode() for name, text in (signed(body) | broken).items()}
    answer = await worker.http.post(URL, content=body, headers=headers)
    assert answer.status_code == 401
    assert worker.leads == []


@pytest.mark.parametrize(
    "body", ["[]", "null", '"x"', "{}", "nonsense", "", "[" * 5000, '{"data": [1]}']
)
async def test_invariant_20_signed_but_odd_is_200_and_held(worker: Worker, body: str) -> None:
    answer = await send(worker, body)
    assert answer.status_code == 200
    assert worker.leads[0].held == "unexpected_shape"
    assert worker.leads[0].raw == body.encode()


async def test_without_a_contact_it_is_still_captured(worker: Worker) -> None:
    assert (await send(worker, {"type": "page.seen", "data": {"page": 1}})).status_code == 200
    assert (worker.leads[0].held, worker.leads[0].fields) == (None, {})
    assert (await send(worker, {"phone": "1"})).status_code == 200
    assert (worker.leads[1].held, worker.leads[1].fields) == (None, {"phone": "1"})
    await send(worker, {"data": {"phone": "1", "test": True}})
    assert worker.leads[2].test


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/v1/webhooks/standard/nobody", 404), ("/v1/webhooks/meta/partner", 404),
        ("/v1/webhooks/nothing/partner", 404), ("/v1/webhooks/standard", 404),
        ("/v1/webhooks/", 404),
        (URL + "/secret", 200), (URL + "/", 200),
    ],
)  # fmt: skip
async def test_unknown_addresses(worker: Worker, url: str, status: int) -> None:
    assert (await send(worker, {"data": {"phone": "1"}}, url=url)).status_code == status


async def test_other_methods_and_sizes(worker: Worker) -> None:
    got = await worker.http.get(URL)
    assert (got.status_code, got.headers["allow"]) == (405, "POST")
    assert (await send(worker, "x" * (1024 * 1024 + 1))).status_code == 413


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ({"webhook-request-origin": "eventgrid.example", "webhook-request-rate": "120"}, True),
        ({"webhook-request-origin": "*.events.example"}, True),
        ({"webhook-request-origin": "no name"}, False),
        ({"webhook-request-rate": "120"}, False),
        ({"origin": "https://nil.example", "access-control-request-method": "POST"}, False),
    ],
)
async def test_a_system_of_cloudevents_that_asks_first_may_send(
    tmp_path: Path, asked: dict[str, str], *, allowed: bool
) -> None:
    events = f"sources:\n  - {{key: events, kind: cloudevents, secret: {SECRET}}}\n"
    configuration = CONFIGURATION.replace("sources:\n", events, 1)
    async with capturing(tmp_path, configuration=configuration) as worker:
        url = "/v1/webhooks/cloudevents/events"
        answer = await worker.http.request("OPTIONS", url, headers=asked)
        assert answer.status_code == (200 if allowed else 405)
        assert answer.headers["allow"] == "POST, OPTIONS"
        granted = asked.get("webhook-request-origin") if allowed else None
        assert answer.headers.get("webhook-allowed-origin") == granted
        assert answer.headers.get("webhook-allowed-rate") == ("*" if allowed else None)
        unproven = await worker.http.post(url, content=b"{}", headers=asked)
        assert (unproven.status_code, worker.leads) == (401, [])
        other = await worker.http.request("OPTIONS", URL, headers=asked)
        assert (other.status_code, other.headers["allow"]) == (405, "POST")


async def test_what_a_platform_takes_back_is_one_event_of_that_submission_without_content(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await send(worker, {"data": {"phone": "1", "name": "نیلوفر"}})
    taking_back = KINDS["standard"]._replace(parse=lambda _knock, _source: [Withdrawn("msg_1")])
    monkeypatch.setitem(KINDS, "standard", taking_back)
    for attempt in range(3):
        body = json.dumps({"data": {"phone": "1", "attempt": attempt}})
        assert (await send(worker, body, signed(body, f"msg_{attempt + 2}"))).status_code == 200
    lead, *words = worker.leads
    ids = {(event.key, event.id) for event in worker.log.events[1:]}
    assert len(ids) == 1
    assert {word.submission_id for word in words} == {lead.submission_id}
    assert all(word.withdrawn and not word.raw and not word.fields for word in words)


@pytest.mark.parametrize("broken", ["day_of", "address_for", "started"])
async def test_invariant_20_a_bug_behind_a_kind_loses_no_call_either(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    whole, calls = getattr(webhooks, broken), iter([OverflowError("of this call")])

    def fails_once(*given: Any) -> Any:
        for error in calls:
            raise error
        return whole(*given)

    monkeypatch.setattr(webhooks, broken, fails_once)
    assert (await send(worker, {"data": {"contact": {"reach": "09121110001"}}})).status_code == 200
    (held,) = worker.leads
    assert (held.held, held.fields) == (UNEXPECTED, {})
    assert b"09121110001" in (held.raw or b"")
