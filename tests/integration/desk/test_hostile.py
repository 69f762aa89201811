"""Bad values are refused on every route of the desk: a caller's mistake is never our error."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI

from services.desk.acting import acting
from services.desk.web import api
from tests.integration.desk.conftest import ENOUGH, TOKEN, Desk
from tests.integration.desk.journey import Journey

LONG = "x" * 5000


def _cursor(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).rstrip(b"=").decode()


ID = "3f0c8f5e-94c1-4d5f-8f0a-6f1f9f0d3a11"
CURSORS = (
    _cursor("0001-01-01T00:00:00+14:00", ID),
    _cursor("9999-12-31T23:59:59-14:00", ID),
    _cursor("2026-11-22T09:00:00Z", f"urn:uuid:{ID}"),
    _cursor("2026-11-22T09:00:00Z", "\x00"),
    _cursor("2026-11-22T09:00:00Z", "\ud800"),
    _cursor("2026-11-22T09:00:00", ID),
    _cursor(1e300, ID),
    _cursor([], {}),
    "%00",
    "%F4%90%80%80",
    "====",
)
QUERY = (
    "%00",
    "a%00b",
    "%ff",
    "%ed%a0%80",
    "%5Cud800",
    "%",
    "9" * 400,
    "-1",
    "1e400",
    "NaN",
    LONG,
    "[]",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00%2B14:00",
    "9999-12-31T23:59:59-14:00",
    *CURSORS,
)
PATHS = ("%00", "%ff", "%ed%a0%80", "9" * 400, quote("{" + ID + "}"), f"urn:uuid:{ID}", LONG)
JSON_VALUES: tuple[str, ...] = (
    '"\\u0000"',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\udfff\\ud800"',
    f'"{LONG}"',
    '"9999-12-31T23:59:59-14:00"',
    '"0001-01-01T00:00:00+14:00"',
    "1e400",
    "9" * 400,
    "9" * 5000,
    "-1",
    "NaN",
    "true",
    "null",
    "[]",
    "{}",
    "[" * 5000,
)
ARGUMENTS = {
    "decline": ("reason",),
    "snooze": ("until", "reason"),
    "won": ("amount",),
    "lost": ("reason",),
    "reassign": ("specialist", "team", "reason"),
}


def _calls() -> Iterator[tuple[str, str, dict[str, Any]]]:
    app = FastAPI()
    app.include_router(api.router)
    for path, calls in app.openapi()["paths"].items():
        for method, call in calls.items():
            yield method, path, call


CALLS = tuple(_calls())


def _bodies() -> Iterator[str]:
    for value in JSON_VALUES:
        yield value
        yield f'{{"action": {value}}}'
        yield f'{{{value if value.startswith(chr(34)) else json.dumps(value)}: "x"}}'
        for action, names in ARGUMENTS.items():
            for name in names:
                yield f'{{"action": "{action}", "{name}": {value}}}'
    yield '{"action": "reassign", "specialist": "sara", "team": "\\ud800"}'


@pytest.fixture
async def way(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Journey:
    monkeypatch.setattr(acting, "PATIENCE", ENOUGH)
    made = Journey()
    await desk.feed(*made.whole())
    return made


@pytest.mark.parametrize(
    ("method", "path", "call"), CALLS, ids=[f"{method} {path}" for method, path, _ in CALLS]
)
async def test_no_value_on_any_route_is_our_error(
    desk: Desk, way: Journey, method: str, path: str, call: dict[str, Any]
) -> None:
    fine = path.replace("{item}", way.lead_id)
    names = [one["name"] for one in call.get("parameters", ()) if one["in"] == "query"]
    asked = [f"{fine}?{name}={value}" for name in [*names, "%00", "%ff"] for value in QUERY]
    if "{item}" in path:
        asked += [path.replace("{item}", value) for value in PATHS]
    for target in asked:
        answer = await desk.api.request(method, target)
        assert answer.status_code < 500, (target[:200], answer.text)
    for body in _bodies() if "requestBody" in call else ():
        answer = await desk.api.request(
            method, fine, content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code < 500, (body[:200], answer.text)
    for value in (b"\x00", b"\xff", b"\xed\xa0\x80", LONG.encode(), b"http://["):
        for name in (b"Idempotency-Key", b"Accept-Language", b"Cookie", b"Origin", b"Range"):
            answer = await desk.api.request(method, fine, headers=[(name, value)])
            assert answer.status_code < 500, (name, value[:50], answer.text)


BAD = (
    *(f"{name}=%00" for name in ("owner", "source", "page", "q")),
    *(f"{name}=a%00b" for name in ("owner", "source", "page", "q")),
    *(f"{name}={day}" for name in ("from", "to") for day in ("0001-01-01", "9999-12-31")),
    "from=0001-01-01T00:00:00%2B14:00",
    "to=9999-12-31T23:59:59-14:00",
    "to=1700000000",
    *(f"cursor={value}" for value in (*CURSORS[:2], *CURSORS[3:])),
)


@pytest.mark.parametrize("query", BAD)
async def test_a_bad_value_is_refused_by_the_api_and_the_inbox(desk: Desk, query: str) -> None:
    answer = await desk.api.get(f"/api/leads?{query}")
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]
    async with desk.client({"Accept": "text/html"}) as browser:
        await browser.post("/sign-in", data={"token": TOKEN})
        page = await browser.get(f"/?{query}")
    assert page.status_code == 422
    assert page.headers["content-type"].startswith("text/html")


def _multipart(fields: dict[str, str], charset: str) -> tuple[bytes, dict[str, str]]:
    """A form in a character set of the sender's choosing."""
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    return f"{parts}--b--\r\n".encode(), {"Content-Type": kind}


_ACTION = {
    "action": "",
    "key": "lost",
    "reason": "lost",
    "amount": "won",
    "until": "snooze",
    "to": "reassign",
    "snooze_for": "lost",
    "csrf": "accept",
}
"""What is filled in wrongly, and in which action."""
FORM_VALUES = ("\x00", "\\ud800", "\\x00", "+2AA-", "9" * 400, "NaN", "9999-12-31", LONG)


@pytest.mark.parametrize("charset", ["utf-8", "unicode_escape", "utf-7", "punycode", "hex"])
async def test_no_value_in_any_form_is_our_error(desk: Desk, way: Journey, charset: str) -> None:
    async with desk.client({"Accept": "text/html"}) as browser:
        for value in FORM_VALUES:
            for name in ("token", "next", "\\ud800"):
                body, headers = _multipart({name: value}, charset)
                entered = await browser.post("/sign-in", content=body, headers=headers)
                assert entered.status_code < 500, (name, value)
        await browser.post("/sign-in", data={"token": TOKEN})
        page = (await browser.get(f"/leads/{way.lead_id}")).text
        csrf = page.partition('name="csrf" value="')[2].partition('"')[0]
        path = f"/leads/{way.lead_id}/actions"
        for value in FORM_VALUES:
            for name, action in _ACTION.items():
                fields = {"csrf": csrf, "action": action, name: value}
                body, headers = _multipart(fields, charset)
                answer = await browser.post(path, content=body, headers=headers)
                assert answer.status_code < 500, (name, value[:50])
        for value in PATHS:
            assert (await browser.get(f"/leads/{value}")).status_code == 404
        for target in (
            f"{path.removesuffix('/actions')}?done=%00",
            "/?%00=%ff",
            "/sign-in?next=%00",
        ):
            assert (await browser.get(target)).status_code < 500


@pytest.mark.parametrize("origin", ["http://[", "\x00", "http://[::1", "é"])
async def test_an_origin_that_is_none_is_foreign(desk: Desk, origin: str) -> None:
    headers = [(b"origin", origin.encode("latin-1")), (b"accept", b"text/html")]
    async with desk.client() as browser:
        answer = await browser.post("/sign-in", data={"token": TOKEN}, headers=headers)
    assert answer.status_code == 403
