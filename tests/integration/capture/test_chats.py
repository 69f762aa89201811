"""Chats over HTTP: a conversation in order, a comment that opens no lead, what is taken back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.capture.door.door import submission_id_of
from tests.doubles.signing import Sent, signed
from tests.fixtures.capture.capturing import CONFIGURATION, Worker, capturing
from tests.unit.capture.sources.samples import body, expected

SOURCES = """sources:
  - {key: wa, kind: whatsapp, secret: [newer, wa-app-secret-test-019], verify_token: verify}
  - {key: ig, kind: instagram, secret: ig-app-secret-test-020, page: nil.example/instagram}
  - {key: bale, kind: bale, secret: 3d9a77-of-the-tests}
"""
QR = (
    'qr: [{code: TEH-0042, target: "https://nil.example/expo?utm_source=hall", campaign: autumn}]\n'
)


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    configuration = CONFIGURATION.replace("sources:\n", SOURCES, 1) + QR
    async with capturing(tmp_path, configuration=configuration) as running:
        yield running


async def sent(worker: Worker, kind: str, key: str, file: str, tail: str = "") -> httpx.Response:
    raw, headers = body(kind, file), {"content-type": "application/json"}
    headers = signed(kind, Sent(raw, expected(kind)["secret"], 0, "", headers))
    url = f"/v1/webhooks/{kind}/{key}{tail}"
    return await worker.http.post(url, content=raw, headers=headers)


def partitions(worker: Worker) -> list[str | None]:
    return [dict(event.extensions).get("partitionkey") for event in worker.log.events]


async def test_a_conversation_stays_in_order_and_each_person_has_one(worker: Worker) -> None:
    for _ in range(2):
        answer = await sent(worker, "whatsapp", "wa", "whatsapp-batch.json")
        assert (answer.status_code, json.loads(answer.content)) == (200, {})
    await sent(worker, "whatsapp", "wa", "whatsapp-replies.json")
    arman = [
        p
        for p, e in zip(partitions(worker), worker.leads, strict=True)
        if e.fields["name"] == "Arman"
    ]
    assert len(arman) == 2 + 7
    assert len(set(arman)) == 1
    assert arman[0] is not None
    assert len({lead.submission_id for lead in worker.leads}) == 2 + 7
    first = worker.leads[0]
    assert (first.kind, first.proven, first.key_owner) == ("chat", ("phone",), "platform")
    assert (first.attribution.qr, first.attribution.utm) == (
        "TEH-0042", {"source": "hall", "campaign": "autumn", "medium": "qr"},
    )  # fmt: skip


async def test_a_comment_is_an_activity_and_one_with_a_phone_a_lead(worker: Worker) -> None:
    await sent(worker, "instagram", "ig", "instagram-comments.json")
    asked, looked = worker.leads
    assert (asked.kind, asked.activity, asked.fields["phone"]) == ("chat", None, "۰۹۱۲۱۱۱۲۲۳۳")
    assert (looked.kind, looked.activity) == ("activity", "comment")
    assert looked.fields["handle"] == asked.fields["handle"] == "instagram:1784014059999002"


async def test_an_unsent_message_is_taken_back_under_its_own_id(worker: Worker) -> None:
    await sent(worker, "instagram", "ig", "instagram-unsent.json")
    (taken,) = worker.leads
    assert taken.submission_id == submission_id_of("instagram", "ig", "aWdtest1")
    assert (taken.withdrawn, taken.raw, taken.fields) == (True, b"", {})


async def test_a_comment_that_a_page_tells_is_removed_is_taken_back_under_its_own_id(
    worker: Worker,
) -> None:
    await sent(worker, "instagram", "ig", "instagram-page-feed-removed.json")
    ids = [submission_id_of("instagram", "ig", f"55_{n}") for n in (911, 912, 914)]
    taken = [lead for lead in worker.leads if lead.withdrawn]
    assert [lead.submission_id for lead in taken] == ids
    assert not any(lead.raw or lead.fields for lead in taken)
    (left,) = [lead for lead in worker.leads if not lead.withdrawn]
    assert (left.submission_id, left.activity) == (
        submission_id_of("instagram", "ig", "55_913"), "comment",
    )  # fmt: skip


async def test_the_secret_in_an_address_is_enough_for_who_signs_nothing(worker: Worker) -> None:
    raw: Any = body("bale", "bale-contact.json")
    url = "/v1/webhooks/bale/bale"
    for tail, status in (("", 401), ("/wrong", 401), ("/3d9a77-of-the-tests/their/own", 200)):
        answer = await worker.http.post(url + tail, content=raw)
        assert answer.status_code == status, tail
    (lead,) = worker.leads
    assert (lead.fields["phone"], lead.proven) == ("989131234567", ("phone",))


async def test_a_conversation_s_day_is_one_submission_and_each_message_one_event(
    worker: Worker,
) -> None:
    def update(number: int, at: int) -> dict[str, Any]:
        person = {"id": 178, "is_bot": False, "first_name": "S"}
        message = {"date": at, "from": person, "chat": {"id": 178, "type": "private"}, "text": "؟"}
        return {"update_id": number, "message": {"message_id": number, **message}}

    noon = 1795255200
    url = "/v1/webhooks/bale/bale/3d9a77-of-the-tests"
    sent = [update(1, noon), update(2, noon + 60), update(3, noon + 86_400)]
    calls = [worker.http.post(url, json=each) for each in sent for _ in range(5)]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {200}
    ids = {(event.id, event.key) for event in worker.log.events}
    assert len(ids) == 3
    days = [f"conversation:178:2026-11-{day}" for day in (21, 22)]
    assert {key for _, key in ids} == {submission_id_of("bale", "bale", day) for day in days}
    messages = {lead.message for lead in worker.leads}
    assert messages == {submission_id_of("bale", "bale", str(number)) for number in (1, 2, 3)}


@pytest.mark.parametrize("at", [253_402_300_799, 99_999_999_999, -(2**63) - 1])
async def test_invariant_19_a_message_of_no_possible_moment_is_taken(
    worker: Worker, at: int
) -> None:
    said = json.loads(body("bale", "bale-text-with-phone.json"))
    said["message"]["date"] = at
    url = f"/v1/webhooks/bale/bale/{expected('bale')['secret']}"
    assert (await worker.http.post(url, json=said)).status_code == 200
    (lead,) = worker.leads
    assert (lead.kind, lead.held, lead.occurred_at) == ("chat", None, None)


async def test_invariant_19_a_number_beyond_64_bits_is_what_somebody_said(worker: Worker) -> None:
    said = json.loads(body("bale", "bale-web-app.json"))
    said["message"]["web_app_data"]["data"] = 10**30
    url = f"/v1/webhooks/bale/bale/{expected('bale')['secret']}"
    assert (await worker.http.post(url, json=said)).status_code == 200
    assert worker.leads[0].kind == "chat"
