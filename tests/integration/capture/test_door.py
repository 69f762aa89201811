"""At the door: which host, method, network and coding of a body."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.events import Event
from services.capture.publishing.intake import Intake
from services.capture.spool import SpoolFull
from tests.fixtures.capture.capturing import CONFIGURATION, Worker, capturing

HTML = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with capturing(tmp_path) as running:
        yield running


async def test_unknown_forms_and_methods(worker: Worker) -> None:
    missing = await worker.posted("nothing", data={"phone": "1"}, headers={"Accept-Language": "en"})
    assert (missing.status_code, missing.json()["title"]) == (
        404,
        "There is nothing at this address",
    )
    page = await worker.posted("nothing", data={"phone": "1"}, headers={"Accept-Language": "fa"})
    assert page.json()["title"] == "چنین نشانی‌ای نیست"
    got = await worker.http.get("/v1/forms/contact")
    assert (got.status_code, got.headers["allow"]) == (405, "POST, OPTIONS")
    html = await worker.posted("contact", content=b"x", headers=HTML)
    assert (html.status_code, html.headers["content-type"]) == (415, "text/html; charset=utf-8")


async def test_a_busy_network_is_held_and_then_refused(tmp_path: Path) -> None:
    limits = "limits: {form_per_network: 3/h, form_refuse_above: 5/h}\n"
    async with capturing(
        tmp_path, configuration=CONFIGURATION + limits, trusted_proxies="127.0.0.0/8"
    ) as worker:
        for number in range(6):
            headers = {"X-Forwarded-For": f"6.6.6.6, 192.0.2.{number}"}
            answer = await worker.posted("plain", data={"phone": "1"}, headers=headers)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        other = await worker.posted(
            "plain", data={"phone": "1"}, headers={"X-Forwarded-For": "198.51.100.1"}
        )
        assert other.status_code == 202
        assert [lead.signs for lead in worker.leads] == [(), (), (), ("rate",), ("rate",), ()]
        assert worker.leads[0].client.address == "192.0.2.0"
        assert worker.leads[5].client.address == "198.51.100.0"


async def test_a_stranger_cannot_say_where_he_comes_from(worker: Worker) -> None:
    await worker.posted("plain", data={"phone": "1"}, headers={"X-Forwarded-For": "192.0.2.1"})
    assert worker.leads[0].client.address == "127.0.0.0"


async def test_another_host_is_told_so(tmp_path: Path) -> None:
    async with capturing(tmp_path, public_url="https://leads.nil.example") as worker:
        for host, status in (
            ("leads.nil.example", 202), ("nil.example", 202), ("localhost:8000", 202),
            ("leads.nil.example:443", 202), ("LEADS.nil.example.", 202), ("nil.example.:443", 202),
            ("www.nil.example.", 202), ("[::1]:8000", 202), ("[::1]", 202),
            ("leads.nil.example:8443", 421), ("leads.nil.example..", 421), (":443", 421),
            ("evil.example", 421), ("leads.nil.example.evil.example", 421),
        ):  # fmt: skip
            answer = await worker.posted("plain", data={"phone": "1"}, headers={"Host": host})
            assert answer.status_code == status, host


@pytest.mark.parametrize("origin", ["https://leads.nil.example:443", "https://nil.example."])
async def test_an_origin_is_at_home_however_it_is_written(tmp_path: Path, origin: str) -> None:
    async with capturing(tmp_path, public_url="https://leads.nil.example") as worker:
        await worker.posted("plain", data={"phone": "1"}, headers={"Origin": origin})
        assert worker.leads[0].signs == ()


async def test_a_visitor_of_a_form_never_sees_json(worker: Worker) -> None:
    for method, path, status in (
        ("GET", "/v1/forms/contact", 405), ("GET", "/v1/forms/nothing/thanks", 404),
        ("POST", "/v1/forms/nothing", 404), ("POST", "/v1/forms/contact/more", 404),
    ):  # fmt: skip
        answer = await worker.http.request(method, path, headers=HTML)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "identity, br", "x"])
@pytest.mark.parametrize("path", ["/v1/forms/contact", "/v1/leads"])
async def test_a_compressed_body_is_415(worker: Worker, path: str, coding: str) -> None:
    headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
    headers |= {"Authorization": "Bearer zap-token"}
    body = gzip.compress(b'{"phone":"1"}')
    answer = await worker.http.post(path, content=body, headers=headers)
    assert answer.status_code == 415
    assert answer.headers["accept-encoding"] == "identity"
    assert worker.leads == []
    headers["Content-Encoding"] = "identity"
    answer = await worker.http.post(path, content=b'{"phone":"1"}', headers=headers)
    assert answer.status_code == 202


@pytest.mark.parametrize("name", ["Referer", "User-Agent", "X-Foo", "Accept-Language", "Origin"])
@pytest.mark.parametrize("odd", [b"\x00", b"\x01", b"\x1f", b"\x7f"])
async def test_a_control_character_in_a_header_loses_nobody(
    worker: Worker, name: str, odd: bytes
) -> None:
    body = b"phone=0912&x=\x01"
    reader, writer = await asyncio.open_connection("127.0.0.1", int(worker.url.rpartition(":")[2]))
    writer.write(
        b"POST /v1/forms/contact?a=%b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" % odd
        + b"Content-Type: application/x-www-form-urlencoded\r\n"
        + b"%b: https://nil.example/seo%b\r\n" % (name.encode(), odd)
        + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    answered = await asyncio.wait_for(reader.read(), 30)
    writer.close()
    assert answered.startswith(b"HTTP/1.1 202 "), answered
    assert worker.leads[0].raw == body
    if name == "Referer":
        assert worker.leads[0].attribution.page_url == "https://nil.example/seo"


async def test_forms_are_counted_apart(tmp_path: Path) -> None:
    limits = "limits: {form_per_network: 1/h, form_refuse_above: 2/h}\n"
    async with capturing(tmp_path, configuration=CONFIGURATION + limits) as worker:
        for form in ("plain", "contact", "plain", "contact"):
            assert (await worker.posted(form, data={"phone": "1"})).status_code == 202
        assert [lead.signs for lead in worker.leads] == [(), (), ("rate",), ("rate",)]
        assert (await worker.posted("plain", data={"phone": "1"})).status_code == 429


async def test_invariant_22_a_browser_that_is_refused_keeps_what_was_typed(tmp_path: Path) -> None:
    limits = "limits: {form_per_network: 1/s, form_refuse_above: 1/s}\n"
    typed = {"phone": "09121234567", "message": "<b>سه\nخط</b>", "plan": ["a", "b"], "fax_2": ""}
    async with capturing(tmp_path, configuration=CONFIGURATION + limits) as worker:
        posts = [worker.posted("plain", data=typed, headers=HTML) for _ in range(5)]
        pages = await asyncio.gather(*posts)  # at once: one after the other they may be slower
        page = next(page for page in pages if page.status_code == 429)
        wait = int(page.headers["retry-after"])
        assert 1 <= wait <= 2
        assert 'action="/v1/forms/plain"' in page.text
        for shown in ('name="phone" value="09121234567"', "&lt;b&gt;سه\nخط&lt;/b&gt;"):
            assert shown in page.text
        assert page.text.count('name="plan"') == 2
        assert "Too many requests" in page.text
        assert "<b>" not in page.text
        await asyncio.sleep(wait)  # as the page says
        again = await worker.posted("plain", data=typed, headers=HTML)
        assert again.status_code == 303
        assert worker.leads[-1].fields["message"] == typed["message"]


async def test_invariant_22_a_full_disk_keeps_what_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with capturing(tmp_path) as worker:

        async def full(_intake: Intake, _event: Event) -> None:
            raise SpoolFull

        monkeypatch.setattr(Intake, "accept", full)
        page = await worker.posted("plain", data={"phone": "09121234567"}, headers=HTML)
        assert page.status_code == 503
        assert int(page.headers["retry-after"]) > 0
        assert 'name="phone" value="09121234567"' in page.text
        script = await worker.posted("plain", data={"phone": "09121234567"})
        assert script.json()["status"] == 503
