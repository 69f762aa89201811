"""Platforms at the door, with neither a database nor anybody who could fetch."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from libs.common.configuration.schema import Source
from services.capture.sources import KINDS, Arrival, Knock
from tests.fixtures.capture.capturing import CONFIGURATION, Worker, capturing

FIXTURES = Path(__file__).parents[2] / "fixtures"
SOURCES = """sources:
  - {key: ads, kind: meta, secret: [other, app-secret], verify_token: verify, page: nil.example/ads}
  - {key: some, kind: meta, secret: app-secret, forms: ["1"]}
  - {key: search, kind: google-ads, secret: google-key, forms: ["1"]}
  - {key: bot, kind: telegram, secret: bot-secret}
  - {key: open, kind: telegram}
limits: {wrong_proofs_per_network: 5/min}
qr: [{code: TEH-0042, target: "https://nil.example/expo"}]
"""
MANY = 1000


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    configuration = CONFIGURATION.replace("sources:\n", SOURCES.partition("limits:")[0], 1)
    configuration += "limits:" + SOURCES.partition("limits:")[2]
    async with capturing(tmp_path, configuration=configuration) as running:
        yield running


async def meta(worker: Worker, body: bytes, key: str = "ads") -> httpx.Response:
    signature = hmac.new(b"app-secret", body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": f"sha256={signature}", "content-type": "application/json"}
    return await worker.http.post(f"/v1/webhooks/meta/{key}", content=body, headers=headers)


def batch(count: int) -> bytes:
    changes = [{"field": "leadgen", "value": {"leadgen_id": n}} for n in range(1, count + 1)]
    return json.dumps({"object": "page", "entry": [{"id": "1", "changes": changes}]}).encode()


async def test_a_handshake_needs_no_database_and_stores_nothing(worker: Worker) -> None:
    url = "/v1/webhooks/meta/ads?hub.mode=subscribe&hub.challenge=%3Cb%3E1&hub.verify_token="
    answer = await worker.http.get(url + "verify")
    assert (answer.status_code, answer.text) == (200, "<b>1")
    assert answer.headers["content-type"] == "text/plain"
    assert answer.headers["x-content-type-options"] == "nosniff"
    statuses = [(await worker.http.get(url + f"guess{n}")).status_code for n in range(7)]
    assert statuses == [403] * 5 + [429] * 2
    assert worker.leads == []


async def test_a_whole_batch_is_taken_at_once_also_while_the_log_is_away(worker: Worker) -> None:
    worker.log.away = True
    began = time.monotonic()
    answer = await meta(worker, batch(MANY))
    assert (answer.status_code, answer.headers["x-durability"]) == (200, "spooled")
    assert time.monotonic() - began < 60, "each lead was waited for alone"


async def test_each_lead_of_a_batch_is_a_submission_of_its_own(worker: Worker) -> None:
    for _ in range(2):
        assert (await meta(worker, batch(3))).status_code == 200
    ids = [lead.submission_id for lead in worker.leads]
    assert (len(ids), len(set(ids))) == (6, 3)
    lead = worker.leads[0]
    assert (lead.hydrate, lead.fields, lead.platform_id, lead.revision) == (True, {}, "1", 1)
    assert (lead.attribution.page_url, lead.key_owner) == ("nil.example/ads", "platform")
    assert len(lead.raw) < 100


async def test_a_lead_of_another_form_is_held_once_its_content_is_known(worker: Worker) -> None:
    await meta(worker, batch(1), "some")
    assert (worker.leads[0].hydrate, worker.leads[0].held) == (True, None)
    lead = {"lead_id": "1", "form_id": 2, "google_key": "google-key", "user_column_data": []}
    await worker.http.post("/v1/webhooks/google-ads/search", json=lead)
    assert worker.leads[1].held == "other_form"


async def test_google_hears_what_it_shows_to_the_advertiser(worker: Worker) -> None:
    body = (FIXTURES / "google-ads" / "google-lead-form-bad-key.json").read_bytes()
    url = "/v1/webhooks/google-ads/search"
    answers = [await worker.http.post(url, content=body) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert all(list(answer.json()) == ["message"] for answer in answers)
    assert worker.leads == []


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        ("bot", {}, 401), ("bot/", {}, 401), ("bot/guess", {}, 401), ("open", {}, 200),
        ("bot/bot-secret", {}, 200), ("bot/bot-secret/receiveUpdate", {}, 200),
        ("bot", {"x-lead-token": "bot-secret"}, 200), ("bot", {"x-lead-token": "bot"}, 401),
        ("bot", {"x-telegram-bot-api-secret-token": "bot-secret"}, 200),
        ("open/anything", {}, 200),
    ],
)  # fmt: skip
async def test_unsigned_kinds_prove_themselves_by_a_shared_secret(
    worker: Worker, url: str, headers: dict[str, str], status: int
) -> None:
    body = (FIXTURES / "telegram" / "telegram-start-deeplink.json").read_bytes()
    answer = await worker.http.post(f"/v1/webhooks/telegram/{url}", content=body, headers=headers)
    assert answer.status_code == status
    if status != 200:
        assert worker.leads == []
        return
    (lead,) = worker.leads
    assert (lead.kind, lead.attribution.qr) == ("chat", "TEH-0042")
    assert b"bot-secret" not in b"".join(record.value for record in worker.log.records)


async def test_what_is_only_acknowledged_stores_nothing(worker: Worker) -> None:
    update = {"update_id": 1, "edited_message": {"text": "x"}}
    answer = await worker.http.post("/v1/webhooks/telegram/open", json=update)
    assert (answer.status_code, answer.json(), worker.leads) == (200, {}, [])


async def test_what_one_person_says_in_a_chat_follows_one_way(worker: Worker) -> None:
    for number, person in enumerate((1, 1, 2)):
        message = {"from": {"id": person}, "text": "سلام"}
        update = {"update_id": number, "message": message}
        answer = await worker.http.post("/v1/webhooks/telegram/open", json=update)
        assert (answer.status_code, answer.headers["x-durability"]) == (200, "replicated")
    keys = [record.key for record in worker.log.records]
    first, second, other = [record.follows for record in worker.log.records]
    assert keys == [lead.submission_id for lead in worker.leads]
    assert first == second != other
    assert first not in keys


async def test_a_bug_of_a_kind_loses_nothing(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_knock: Knock, _source: Source) -> list[Arrival]:
        raise LookupError

    monkeypatch.setitem(KINDS, "telegram", KINDS["telegram"]._replace(parse=broken))
    answer = await worker.http.post("/v1/webhooks/telegram/open", content=b'{"update_id": 1}')
    assert answer.status_code == 200
    assert [(lead.held, lead.raw) for lead in worker.leads] == [
        ("unexpected_shape", b'{"update_id": 1}')
    ]


@pytest.mark.parametrize(("url", "proven"), [("open", ()), ("bot/bot-secret", ("phone",))])
async def test_who_proved_nothing_vouches_for_no_phone(
    worker: Worker, url: str, proven: tuple[str, ...]
) -> None:
    contact = {"phone_number": "+989121112233", "user_id": 5}
    message = {"from": {"id": 5}, "contact": contact, "date": 1795255200}
    body = {"update_id": 900, "message": message}
    answer = await worker.http.post(f"/v1/webhooks/telegram/{url}", json=body)
    assert answer.status_code == 200
    (lead,) = worker.leads
    assert (lead.fields["phone"], lead.proven) == ("+989121112233", proven)
