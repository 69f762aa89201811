"""What capture answers to visitors: nothing typed is markup, and nobody is sent elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.fixtures.capture.capturing import CONFIGURATION, Worker, capturing
from tests.hostile.markup import EVIL, looked

HTML = {"Accept": "text/html"}
TYPED = {"phone": "", "email": EVIL, "message": EVIL, EVIL: EVIL, "page_url": f"nil.example/{EVIL}"}
ELSEWHERE = "https://evil.example/"


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    codes = 'qr: [{code: expo, target: "https://nil.example/expo?a=1"}]\n'
    async with capturing(tmp_path, configuration=CONFIGURATION + codes) as running:
        yield running


def checked(answer: httpx.Response, where: str) -> None:
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    looked(answer.text, where)


async def test_invariant_23_no_answer_to_a_visitor_has_a_tag_that_he_typed(worker: Worker) -> None:
    form = {name: value for name, value in TYPED.items() if name != "email"}
    again = await worker.posted("plain", data=form, headers=HTML)
    assert again.status_code == 422
    assert again.text.count("&lt;x-evil") >= 3
    checked(again, "the page that asks again")
    for path in (f"/v1/forms/{quote(EVIL, safe='')}", f"/q/{quote(EVIL, safe='')}"):
        method = "POST" if "forms" in path else "GET"
        page = await worker.http.request(method, path, headers=HTML | {"Origin": EVIL})
        assert page.status_code in {404, 405}
        checked(page, path)
    broken = await worker.posted(
        "plain", content=EVIL, headers=HTML | {"Content-Type": "application/json"}
    )
    assert broken.status_code == 400
    checked(broken, "unreadable")
    script = await worker.posted("plain", data=form)
    assert script.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "name", ["thank_you", "thanks", "redirect", "redirect_to", "next", "_next", "url", "return_to"]
)
async def test_invariant_23_a_visitor_cannot_say_where_a_form_leads(
    worker: Worker, name: str
) -> None:
    typed = {"phone": "09121234567", name: ELSEWHERE, "page_url": ELSEWHERE}
    headers = HTML | {"Referer": ELSEWHERE, "X-Forwarded-Host": "evil.example"}
    for form in ("contact", "plain"):
        answer = await worker.http.post(
            f"/v1/forms/{form}", params={name: ELSEWHERE}, data=typed, headers=headers
        )
        assert answer.status_code == 303
        assert "evil" not in answer.headers["location"]
    code = await worker.http.get("/q/expo", params={name: ELSEWHERE, "target": ELSEWHERE})
    assert code.headers["location"].startswith("https://nil.example/expo?a=1&_sn=")


async def test_invariant_23_a_header_in_a_field_is_no_header(worker: Worker) -> None:
    injected = "x\r\nSet-Cookie: evil=1\r\n\r\n<x-evil>"
    typed = {"phone": "09121234567", "name": injected, "page_url": f"nil.example/{injected}"}
    answer = await worker.posted("plain", data=typed, headers=HTML)
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    odd = await worker.http.get(f"/q/{quote(injected, safe='')}", headers=HTML)
    assert "set-cookie" not in odd.headers
