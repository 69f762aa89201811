"""`POST /v1/activities` over HTTP: who may say what, and how much of it is believed."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.capture.capturing import CONFIGURATION, Worker, capturing

TOKEN = {"Authorization": "Bearer zap-token"}
VISITOR = "5e2b1a52-5f0e-4f0c-9a4e-5b7c1c2d3e50"
VIEW: dict[str, Any] = {"type": "page_view", "visitor_id": VISITOR}


@pytest.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    async with capturing(tmp_path) as running:
        yield running


async def send(worker: Worker, body: Any, **headers: str) -> httpx.Response:
    """An activity, header names with underscores for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"}
    return await worker.http.post("/v1/activities", content=content, headers=kind | named)


async def test_a_visit_is_kept_whole(worker: Worker) -> None:
    body = VIEW | {
        "type": "Page_View", "page_url": "https://nil.example/seo?utm_source=q&_sn=tok",
        "at": "2026-11-22T08:00:00+03:30", "data": {"seconds": 40}, "own": [1],
        "utm": {"medium": "cpc"},
    }  # fmt: skip
    body["at"] = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
    answer = await send(worker, body, Origin="https://nil.example")
    assert answer.status_code == 202
    assert answer.headers["x-durability"] == "replicated"
    assert answer.headers["access-control-allow-origin"] == "https://nil.example"
    visit = worker.leads[0]
    assert answer.json() == {"submission_id": visit.submission_id, "status": "received"}
    assert (visit.kind, visit.activity, visit.source, visit.source_kind, visit.site) == (
        "activity", "page_view", "main", "site", "main",
    )  # fmt: skip
    assert visit.occurred_at == datetime.fromisoformat(body["at"])
    assert visit.attribution.utm == {"source": "q", "medium": "cpc"}
    assert (visit.attribution.visitor_id, visit.attribution.scan) == (VISITOR, "tok")
    assert visit.extra == {"data": {"seconds": 40}, "own": [1]}
    assert (visit.fields, visit.signs) == ({}, ())
    assert json.loads(visit.raw) == body


async def test_a_beacon_is_text_and_several_come_at_once(worker: Worker) -> None:
    body = {"activities": [VIEW, VIEW | {"type": "download", "data": {"file": "x"}}]}
    raw = json.dumps(body).encode()
    answer = await send(worker, raw, Content_Type="text/plain;charset=UTF-8")
    assert answer.status_code == 202
    assert answer.json()["submission_ids"] == [visit.submission_id for visit in worker.leads]
    assert [visit.activity for visit in worker.leads] == ["page_view", "download"]
    assert json.loads(worker.leads[0].raw) == VIEW


REFUSED: list[tuple[Any, int, str | None]] = [
    (b"{", 400, None),
    (b"[]", 400, None),
    ({"visitor_id": VISITOR}, 422, "type"),
    (VIEW | {"type": "staff.won"}, 422, "type"),
    (VIEW | {"type": "Timer.sla_due"}, 422, "type"),
    (VIEW | {"type": "submission.resent"}, 422, "type"),
    (VIEW | {"type": "source.quiet"}, 422, "type"),
    (VIEW | {"type": "staff"}, 422, "type"),
    (VIEW | {"type": "staff_accepted"}, 422, "type"),
    (VIEW | {"type": " STAFF-Won "}, 422, "type"),
    (VIEW | {"type": "staff won"}, 422, "type"),
    (VIEW | {"type": "system-restored"}, 422, "type"),
    (VIEW | {"type": "source_paused"}, 422, "type"),
    (VIEW | {"type": "qr_scan"}, 422, "type"),
    (VIEW | {"type": "QR-Scan"}, 422, "type"),
    (VIEW | {"type": "qrScan"}, 422, "type"),
    (VIEW | {"type": "form.misaddressed"}, 422, "type"),
    (VIEW | {"type": "FORM_Misaddressed"}, 422, "type"),
    (VIEW | {"type": "Form.opened"}, 422, "type"),
    (VIEW | {"type": "x" * 99}, 422, "type"),
    (VIEW | {"type": 1}, 422, "type"),
    (VIEW | {"visitor_id": 7}, 422, "visitor_id"),
    (VIEW | {"at": "yesterday"}, 422, "at"),
    (VIEW | {"at": "2026-11-22T08:00:00"}, 422, "at"),
    (VIEW | {"at": True}, 422, "at"),
    (VIEW | {"at": -1}, 422, "at"),
    (VIEW | {"at": ""}, 422, "at"),
    (VIEW | {"at": "12"}, 422, "at"),
    (VIEW | {"at": 1e300}, 422, "at"),
    (VIEW | {"data": [1]}, 422, "data"),
    (VIEW | {"data": {"x": "y" * 17_000}}, 413, None),
    ({"type": "page_view"}, 422, "visitor_id"),
    ({"type": "trial_start", "phone": "0912"}, 401, None),
    ({"activities": []}, 422, "activities"),
    ({"activities": [VIEW] * 101}, 422, "activities"),
    ({"activities": [VIEW, 1]}, 422, "activities"),
    ({"activities": [VIEW, {"type": "page_view"}]}, 422, "visitor_id"),
]


async def test_what_is_refused_says_why_and_is_not_kept(worker: Worker) -> None:
    for body, status, field in REFUSED:
        answer = await send(worker, body, Origin="https://nil.example")
        assert answer.status_code == status, (body, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["access-control-allow-origin"] == "https://nil.example"
        assert answer.json().get("fields") == ([field] if field else None)
    assert worker.leads == []


@pytest.mark.parametrize("kind", ["lead_magnet", "person-of-interest", "resource.view", "staffing"])
async def test_a_type_that_only_looks_like_ours_is_a_visitors(worker: Worker, kind: str) -> None:
    assert (await send(worker, VIEW | {"type": kind})).status_code == 202
    assert worker.leads[0].activity == kind


async def test_a_type_that_forges_staff_is_refused_for_a_key_too(worker: Worker) -> None:
    assert (await send(worker, VIEW | {"type": "staff.won"}, **TOKEN)).status_code == 422
    assert (await send(worker, VIEW | {"type": "qr_scan"}, **TOKEN)).status_code == 422


async def test_a_key_names_persons_and_a_wrong_one_is_refused(worker: Worker) -> None:
    person = str(uuid.uuid4())
    body = {"type": "trial_start", "phone": "0912", "email": "a@b.example", "person_id": person}
    assert (await send(worker, body, Authorization="Bearer no")).status_code == 401
    assert (await send(worker, body | {"person_id": "x"}, **TOKEN)).status_code == 422
    assert (await send(worker, body, **TOKEN)).status_code == 202
    visit = worker.leads[0]
    assert visit.fields == {"phone": "0912", "email": "a@b.example", "person_id": person}
    assert (visit.source, visit.source_kind) == ("zapier", "api")


async def test_a_stranger_names_nobody_but_the_visitor(worker: Worker) -> None:
    assert (await send(worker, VIEW | {"phone": "09123456789"})).status_code == 202
    assert worker.leads[0].fields == {}
    assert "phone" not in worker.leads[0].extra


async def test_a_clock_that_is_ahead_is_not_believed(worker: Worker) -> None:
    for hours in (2, 0.01):
        at = datetime.now(UTC) + timedelta(hours=hours)
        assert (await send(worker, VIEW | {"at": at.isoformat()})).status_code == 202
    assert [visit.occurred_at for visit in worker.leads] == [None] * 2


async def test_what_is_long_ago_stays_long_ago(worker: Worker) -> None:
    for at in ("2020-01-01T00:00:00Z", 1577836800, 1577836800000, "1577836800", "1577836800000"):
        assert (await send(worker, VIEW | {"at": at})).status_code == 202
    assert {visit.occurred_at for visit in worker.leads} == {datetime(2020, 1, 1, tzinfo=UTC)}


async def test_what_was_before_1970_is_no_time(worker: Worker) -> None:
    for at in ("0001-01-01T00:00:00Z", "1969-12-31T23:59:59+00:00", "0622-03-22T00:00:00+03:30"):
        answer = await send(worker, VIEW | {"at": at})
        assert (answer.status_code, answer.json()["fields"]) == (422, ["at"])
    assert worker.leads == []


async def test_milliseconds_are_a_time(worker: Worker) -> None:
    millis = int((time.time() - 60) * 1000)
    await send(worker, VIEW | {"at": millis})
    assert worker.leads[0].occurred_at == datetime.fromtimestamp(millis / 1000, UTC)


async def test_a_repeat_under_a_key_is_the_same_visit(tmp_path: Path, database_url: str) -> None:
    async with capturing(tmp_path, database_url) as worker:
        await repeats(worker)


async def repeats(worker: Worker) -> None:
    headers = TOKEN | {"Idempotency_Key": "k-1"}
    lead = {"Idempotency-Key": "k-1", **TOKEN}
    assert (await worker.http.post("/v1/leads", json={"phone": "1"}, headers=lead)).is_success
    first, again = [await send(worker, VIEW, **headers) for _ in range(2)]
    other = await send(worker, VIEW | {"type": "download"}, **headers)
    assert first.json() == again.json()
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    bare = [await send(worker, VIEW, Idempotency_Key="k-2") for _ in range(2)]
    assert bare[0].json() == bare[1].json() != first.json()
    await several(worker)


async def several(worker: Worker) -> None:
    """One key for several activities, and a stranger's key: another body is refused as well."""
    for named in ({}, TOKEN):
        headers = named | {"Idempotency_Key": "k-3"}
        body = {"activities": [VIEW, VIEW | {"type": "download"}]}
        first, again = [await send(worker, body, **headers) for _ in range(2)]
        other = await send(worker, {"activities": [VIEW]}, **headers)
        alone = await send(worker, VIEW | {"type": "video"}, **headers)
        assert first.json() == again.json()
        statuses = [each.status_code for each in (first, again, other, alone)]
        assert statuses == [202, 202, 422, 422]
    bare = await send(worker, VIEW | {"type": "download"}, Idempotency_Key="k-2")
    assert bare.status_code == 422


async def test_who_sends_too_much_does_not_count_and_then_is_refused(tmp_path: Path) -> None:
    limits = "limits: {form_per_network: 3/h, form_refuse_above: 5/h}\n"
    async with capturing(tmp_path, configuration=CONFIGURATION + limits) as worker:
        answers = [await send(worker, VIEW) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [202] * 5 + [429]
        assert answers[-1].headers["retry-after"]
        assert [visit.signs for visit in worker.leads] == [()] * 3 + [("rate",)] * 2
        assert (await send(worker, {"activities": [VIEW] * 9}, **TOKEN)).status_code == 202
        form = await worker.posted("contact", json={"tel_1": "0912"})
        assert form.status_code == 202
        assert (worker.leads[-1].kind, worker.leads[-1].signs) == ("form", ())


async def test_a_page_of_somebody_elses_is_a_sign(worker: Worker) -> None:
    answer = await send(worker, VIEW, Origin="https://evil.example")
    assert answer.status_code == 202
    assert "access-control-allow-origin" not in answer.headers
    assert worker.leads[0].signs == ("foreign_origin",)


async def test_a_browser_may_ask_first(worker: Worker) -> None:
    headers = {"Origin": "https://nil.example", "Access-Control-Request-Method": "POST"}
    answer = await worker.http.options("/v1/activities", headers=headers)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "https://nil.example"
    assert (await worker.http.get("/v1/activities")).status_code == 405
