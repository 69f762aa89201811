"""`/q/{code}` over HTTP: who scans is sent on, whatever becomes of the rest."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from services.capture.publishing.intake import Intake
from services.capture.routes import codes
from services.capture.spool import SpoolFull
from tests.fixtures.capture.capturing import CONFIGURATION, NOBODY, Worker, capturing
from tests.fixtures.capture.memory_log import MemoryLog
from tests.fixtures.capture.waiting import until

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)"}
CODES = """
qr:
  - code: expo26
    target: "https://nil.example/نمایشگاه?utm_campaign=expo&_sn=old#top"
    label: "سالن ۶"
  - {code: bot, target: "https://t.me/nil_bot?start=expo"}
  - {code: booth, target: "https://nil.example/b?utm_medium=stand", campaign: پاییز, booth: ۱۲ب}
"""


@pytest.fixture
async def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Worker]:
    monkeypatch.setattr(codes, "WAIT_SECONDS", 60.0)  # who is sent on is in the log by then
    async with capturing(tmp_path, configuration=CONFIGURATION + CODES) as running:
        yield running


async def scan(worker: Worker, path: str = "/q/expo26", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await worker.http.get(path, headers=PHONE | named)


async def test_a_scan_is_sent_on_with_a_token_and_kept(worker: Worker) -> None:
    answer = await scan(worker, "/q/expo26?utm_medium=poster", Referer="https://x.example/")
    assert answer.status_code == 302
    assert answer.headers["cache-control"] == "no-store"
    parts = urlsplit(answer.headers["location"])
    assert (
        parts.netloc + parts.path == "nil.example/%D9%86%D9%85%D8%A7%DB%8C%D8%B4%DA%AF%D8%A7%D9%87"
    )
    assert parts.fragment == "top"
    query = parse_qs(parts.query)
    (token,) = query["_sn"]
    assert query["utm_campaign"] == ["expo"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", token)
    visit = worker.leads[0]
    assert (visit.kind, visit.source, visit.activity) == ("qr", "expo26", "qr_scan")
    came = visit.attribution
    assert (came.qr, came.scan, came.referrer) == ("expo26", token, "https://x.example/")
    assert came.utm == {"campaign": "expo", "medium": "poster"}
    assert came.page_url is not None
    assert (visit.fields, visit.signs) == ({}, ())
    other = await scan(worker)
    assert token not in other.headers["location"]


async def test_a_code_s_campaign_and_booth_are_kept_with_the_scan(worker: Worker) -> None:
    assert (await scan(worker, "/q/booth")).status_code == 302
    (visit,) = worker.leads
    assert visit.attribution.utm == {"campaign": "پاییز", "medium": "stand"}
    assert visit.extra == {"booth": "۱۲ب"}


async def test_a_messengers_bot_gets_the_token_as_its_payload(worker: Worker) -> None:
    parts = urlsplit((await scan(worker, "/q/bot")).headers["location"])
    (payload,) = parse_qs(parts.query)["start"]
    token = worker.leads[0].attribution.scan
    assert payload == f"sn_{token}"
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload)
    assert worker.leads[0].attribution.page_url is None


async def test_who_only_looks_at_the_link_is_sent_on_and_not_counted(worker: Worker) -> None:
    for headers in (
        {"User_Agent": "TelegramBot (like TwitterBot)"},
        {"User_Agent": "WhatsApp/2.23.20.0 A"},
        {"Purpose": "prefetch"},
        {"Sec_Purpose": "prefetch;prerender"},
        {"X_Purpose": "preview"},
    ):
        answer = await scan(worker, **headers)
        assert answer.status_code == 302
        assert parse_qs(urlsplit(answer.headers["location"]).query)["_sn"] == ["old"]
    head = await worker.http.head("/q/expo26", headers=PHONE)
    assert (head.status_code, head.content) == (302, b"")
    assert worker.leads == []


async def test_an_unknown_code_is_a_page_in_the_visitors_language(worker: Worker) -> None:
    for language, direction in (("fa", "rtl"), ("en", "ltr")):
        answer = await scan(worker, "/q/<b>x", Accept_Language=language)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/html")
        assert f'dir="{direction}"' in answer.text
        assert "<b>x" not in answer.text
    assert (await worker.http.post("/q/expo26")).status_code == 405


async def test_nobody_waits_for_a_log_or_a_disk(tmp_path: Path) -> None:
    log = MemoryLog()
    log.delay = 5
    slow = CONFIGURATION + CODES
    async with capturing(tmp_path, NOBODY, configuration=slow, log=log) as worker:
        began = time.monotonic()
        assert (await scan(worker)).status_code == 302
        assert time.monotonic() - began < 20, "as long as a form that waits for its log"
        log.delay = 0
        await until(lambda: bool(worker.leads))


async def test_a_full_spool_sends_people_on(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise SpoolFull

    monkeypatch.setattr(Intake, "accept", full)
    assert (await scan(worker)).status_code == 302


async def test_the_drawing_holds_the_public_address(worker: Worker) -> None:
    drawn = await worker.http.get("/q/expo26.svg")
    assert drawn.status_code == 200
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert drawn.headers["cache-control"] == "max-age=300"
    assert "<svg" in drawn.text
    assert "سالن ۶" in drawn.text
    printed = await worker.http.get("/q/expo26.png")
    assert printed.headers["content-type"] == "image/png"
    assert printed.content.startswith(b"\x89PNG")
    assert (await worker.http.get("/q/nothing.svg")).status_code == 404
    odd = await worker.http.get("/q/expo26.svg", headers={"Host": "a/b"})
    assert odd.status_code == 400
    assert worker.leads == []


async def test_a_form_after_the_scan_says_so(worker: Worker) -> None:
    landing = (await scan(worker)).headers["location"]
    token = worker.leads[0].attribution.scan
    await worker.posted("contact", data={"phone": "0912", "page_url": landing})
    await worker.posted("contact", data={"phone": "0912"}, headers={"Referer": landing})
    await worker.posted("contact", data={"phone": "0912", "_sn": token})
    assert [lead.attribution.scan for lead in worker.leads] == [token] * 4
