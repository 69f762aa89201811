"""Telephone platforms at the door: a proof over the outside address, and TwiML in return."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import (  # type: ignore[import-untyped]  # it brings no types
    RequestValidator,
)

from tests.doubles.signing import Sent, signed
from tests.fixtures.capture.capturing import CONFIGURATION, Worker, capturing
from tests.fixtures.capture.waiting import until

PUBLIC = "https://leads.nil.example"
TOKEN = "auth-token"
SOURCES = f"""sources:
  - {{key: phone, kind: twilio, secret: [older, {TOKEN}], page: nil.example/contact}}
  - {{key: chat, kind: intercom, secret: client-secret}}
"""
FORM = "application/x-www-form-urlencoded; charset=UTF-8"
RINGING = {"CallSid": "CA1", "CallStatus": "ringing", "Direction": "inbound", "From": "+98912"}


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    configuration = CONFIGURATION.replace("sources:\n", SOURCES, 1)
    async with capturing(tmp_path, configuration=configuration, public_url=PUBLIC) as running:
        yield running


async def twilio(
    worker: Worker, values: dict[str, str], query: str = "", outside: str = PUBLIC
) -> httpx.Response:
    path = f"/v1/webhooks/twilio/phone{query}"
    body = urlencode({**values, "FromCity": ""}).encode()
    sent = Sent(body, TOKEN, int(time.time()), outside + path, {"content-type": FORM})
    headers = signed("twilio", sent) | {"host": "leads.nil.example"}
    return await worker.http.post(path, content=body, headers=headers)


async def test_a_missed_call_is_a_lead_and_its_platform_gets_twiml(worker: Worker) -> None:
    missed = RINGING | {"CallStatus": "in-progress", "DialCallStatus": "no-answer"}
    for _ in range(2):
        answer = await twilio(worker, missed, "?tenant=t1&note=%D8%A7")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml")
        assert answer.text == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    lead, again = worker.leads
    assert lead.submission_id == again.submission_id
    assert (lead.kind, lead.fields["phone"], lead.extra["call"]) == ("call", "+98912", "missed")


async def test_the_proof_covers_the_outside_address_and_the_query(worker: Worker) -> None:
    assert (await twilio(worker, RINGING, outside="http://127.0.0.1:8000")).status_code == 401
    body, headers = urlencode(RINGING).encode(), {"content-type": FORM}
    url = f"{PUBLIC}/v1/webhooks/twilio/phone"
    made = signed("twilio", Sent(body, TOKEN, 0, url, headers)) | {"host": "leads.nil.example"}
    path = "/v1/webhooks/twilio/phone"
    assert (await worker.http.post(path, content=body, headers=made)).status_code == 200
    redirected = f"{path}?then=https://evil.example"
    assert (await worker.http.post(redirected, content=body, headers=made)).status_code == 401


async def test_a_call_goes_on_as_its_url_says(worker: Worker) -> None:
    answer = await twilio(worker, RINGING, "?then=https%3A%2F%2Fflow.example%2Fvoice%3Fa%26b")
    assert "<Redirect" in answer.text
    assert "https://flow.example/voice?a&amp;b" in answer.text
    assert worker.leads == []


async def by_get(
    worker: Worker, values: dict[str, str], kind: str = "twilio/phone"
) -> httpx.Response:
    path = f"/v1/webhooks/{kind}?{urlencode(values)}"
    made = RequestValidator(TOKEN).compute_signature(PUBLIC + path, {})
    headers = {"host": "leads.nil.example", "x-twilio-signature": made}
    return await worker.http.get(path, headers=headers)


async def test_a_number_that_is_set_to_get_is_heard_as_by_post(worker: Worker) -> None:
    missed = RINGING | {"CallStatus": "in-progress", "DialCallStatus": "no-answer", "A": "ا b+c"}
    answer = await by_get(worker, missed)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml")
    await twilio(worker, missed)
    await until(lambda: len(worker.leads) == 2)
    kept = {lead.content_type: lead for lead in worker.leads}
    asked, posted = kept["application/x-www-form-urlencoded"], kept[FORM]
    assert (asked.submission_id, asked.digest) == (posted.submission_id, posted.digest)
    assert (asked.fields, asked.extra) == (posted.fields, posted.extra)
    assert asked.raw == urlencode(missed).encode()


async def test_a_get_that_is_not_proven_or_of_a_platform_that_never_asks_so_is_refused(
    worker: Worker,
) -> None:
    path = f"/v1/webhooks/twilio/phone?{urlencode(RINGING)}"
    bare = await worker.http.get(path, headers={"host": "leads.nil.example"})
    assert bare.status_code == 401
    assert "989" not in bare.text
    other = await by_get(worker, RINGING, "intercom/chat")
    assert (other.status_code, other.headers["allow"]) == (405, "POST")
    odd = await by_get(worker, {"From": "+98912"})
    assert odd.status_code == 200
    await until(lambda: len(worker.leads) > 0)
    assert [lead.held for lead in worker.leads] == ["unexpected_shape"]


async def test_who_looks_whether_anybody_is_there_is_told_so(worker: Worker) -> None:
    for path, status in (("intercom/chat", 200), ("intercom/other", 404), ("none/chat", 404)):
        answer = await worker.http.head(
            f"/v1/webhooks/{path}", headers={"host": "leads.nil.example"}
        )
        assert (answer.status_code, answer.content) == (status, b"")
    assert worker.leads == []


async def test_a_proof_over_the_address_needs_to_know_it(tmp_path: Path) -> None:
    configuration = CONFIGURATION.replace("sources:\n", SOURCES, 1)
    async with capturing(tmp_path, configuration=configuration) as unaware:
        told = await asyncio.wait_for(unaware.said.get(), 30)
    async with capturing(tmp_path, configuration=configuration, public_url=PUBLIC) as aware:
        assert aware.said.empty()
    assert "phone" in told
    assert "chat" not in told
    assert "SARNAKH_PUBLIC_URL" in told
