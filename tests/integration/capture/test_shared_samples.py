"""Recorded posts of browsers and a recorded scan, over HTTP, as they came."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.fixtures.capture.capturing import CONFIGURATION, Worker, capturing

FOLDER = Path(__file__).parents[2] / "fixtures"
OURS = """
  - key: example
    hosts: [example.ir]
    forms: [{key: autumn, honeypot: website, thank_you: "https://example.ir/thanks"}]
sources:"""
CODES = 'qr: [{code: TEH-0042, target: "https://example.ir/visit"}]\n'


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    configuration = CONFIGURATION.replace("\nsources:", OURS, 1) + CODES
    async with capturing(tmp_path, configuration=configuration) as running:
        yield running


async def sent(worker: Worker, name: str, path: str) -> httpx.Response:
    """The recorded call, byte for byte, to where ours listens."""
    call: dict[str, Any] = json.loads((FOLDER / name).read_bytes())
    return await worker.http.request(
        call["method"], path, content=call["body"].encode(), headers=call["headers"]
    )


async def test_a_browsers_form_with_an_empty_honeypot_and_a_repeated_name(worker: Worker) -> None:
    answer = await sent(worker, "html-form/html-form-landing.json", "/v1/forms/autumn")
    assert (answer.status_code, answer.headers["location"]) == (303, "https://example.ir/thanks")
    await sent(worker, "html-form/html-form-landing.json", "/v1/forms/autumn")
    lead, again = worker.leads
    assert (again.submission_id, again.digest) == (lead.submission_id, lead.digest), "a repeat"
    assert lead.fields["name"] == "مهدی رستمی"
    assert lead.fields["phone"] == "۰۹۱۲ ۱۱۱ ۲۲۳۳"
    assert lead.extra["interest"] == ["خرید", "اجاره"]
    assert (lead.signs, lead.held, lead.test) == ((), None, False)
    assert lead.consent is not None
    came = lead.attribution
    assert came.page_url is not None
    assert came.page_url.startswith("https://example.ir/landing")
    assert came.utm == {"source": "google", "medium": "cpc"}
    assert came.click_ids == {"gclid": "Cj0Ktest"}


async def test_a_beacon_is_json_though_it_says_text(worker: Worker) -> None:
    answer = await sent(worker, "html-form/html-form-beacon.json", "/v1/forms/autumn")
    assert answer.status_code == 202
    (lead,) = worker.leads
    assert lead.fields == {"name": "Beacon User", "phone": "+989120000001"}
    assert lead.signs == ()


async def test_a_scan_is_sent_on_uncached_and_is_no_lead(worker: Worker) -> None:
    answer = await sent(worker, "qr/qr-hit.json", "/q/TEH-0042")
    assert (answer.status_code, answer.headers["cache-control"]) == (302, "no-store")
    target = urlsplit(answer.headers["location"])
    assert (target.netloc, target.path) == ("example.ir", "/visit")
    (visit,) = worker.leads
    assert (visit.kind, visit.activity, visit.source) == ("qr", "qr_scan", "TEH-0042")
    assert parse_qs(target.query)["_sn"] == [visit.attribution.scan]
