"""`POST /v1/leads`: keys, idempotency, strict types; with Postgres there and away."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from libs.common.database import Database
from libs.common.database.statements import text
from services.capture import store
from services.capture.door.keys import Keys, key_of
from services.capture.store import Used
from tests.fixtures.capture.capturing import Worker, capturing
from tests.fixtures.capture.memory_log import MemoryLog

TOKEN = {"Authorization": "Bearer zap-token"}
LEAD = {"name": "سارا", "phone": "0912"}


@pytest.fixture
async def worker(tmp_path: Path, database_url: str) -> AsyncIterator[Worker]:
    async with capturing(tmp_path, database_url) as running:
        yield running


async def send(worker: Worker, body: Any, **headers: str) -> httpx.Response:
    """A lead, header names with underscores for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"}
    return await worker.http.post("/v1/leads", content=content, headers=kind | TOKEN | named)


async def test_everything_that_was_sent_is_kept(worker: Worker) -> None:
    body = {
        "first_name": "سارا", "last_name": "احمدی", "phone": "۰۹۱۲", "email": "a@b.example",
        "company": "نیل", "message": "سلام", "language": "fa", "consent": {"terms": "2026-10"},
        "page_url": "https://nil.example/seo?gclid=Q", "visitor_id": "v", "budget": [1, {"a": 2.5}],
        "utm": {"source": "google", "utm_medium": "cpc"}, "click_ids": {"fbclid": "F", "own": "O"},
        "utm_campaign": "flat",
    }  # fmt: skip
    answer = await send(worker, body)
    assert answer.status_code == 202
    assert answer.headers["x-durability"] == "replicated"
    lead = worker.leads[0]
    assert answer.json() == {"submission_id": lead.submission_id, "status": "received"}
    ours = ("first_name", "last_name", "phone", "email", "company", "message", "language")
    assert lead.fields == {name: body[name] for name in ours}
    assert lead.extra == {"budget": [1, {"a": 2.5}]}
    assert lead.consent == {"terms": "2026-10"}
    assert lead.attribution.utm == {"source": "google", "medium": "cpc", "campaign": "flat"}
    assert lead.attribution.click_ids == {"gclid": "Q", "fbclid": "F", "own": "O"}
    assert (lead.kind, lead.source, lead.source_kind) == ("api", "zapier", "api")
    assert json.loads(lead.raw) == body
    assert worker.log.records[0].key == lead.submission_id


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", "Basic zap-token", "Bearer zap-tokén", "zap-token"],
)
async def test_a_wrong_key_is_401_and_creates_nothing(worker: Worker, authorization: str) -> None:
    headers = {b"Authorization": authorization.encode()}
    answer = await worker.http.post("/v1/leads", json=LEAD, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert worker.leads == []


async def test_who_keeps_guessing_is_slowed_down_and_who_is_right_is_not(worker: Worker) -> None:
    answers = [await send(worker, LEAD, Authorization="Bearer no") for _ in range(62)]
    assert [answer.status_code for answer in answers] == [401] * 60 + [429] * 2
    assert (await send(worker, LEAD)).status_code == 202


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": 5}, "name"), ({"phone": 9121112233}, "phone"), ({"phone": 10**40}, "phone"),
        ({"email": ["a@b.example"]}, "email"), ({"message": True}, "message"),
        ({"utm": "google"}, "utm"),
        ({"utm": {"source": 1}}, "utm.source"), ({"click_ids": []}, "click_ids"),
        ({"page_url": {}}, "page_url"), ({"visitor_id": 1}, "visitor_id"),
        ({"consent": 1}, "consent"), ({"consent": 2.5}, "consent"), ({"consent": ["a"]}, "consent"),
        ({"consent": 10**40}, "consent"), ({"gclid": 1}, "gclid"),
    ],
)  # fmt: skip
async def test_a_field_of_the_wrong_type_is_named(
    worker: Worker, changed: dict[str, Any], field: str
) -> None:
    answer = await send(worker, LEAD | changed)
    assert answer.status_code == 422
    assert answer.json()["fields"] == [field]
    assert worker.leads == []


async def test_null_is_absent_and_no_contact_is_422(worker: Worker) -> None:
    assert (
        await send(worker, LEAD | {"email": None, "utm": None, "consent": None})
    ).status_code == 202
    answer = await send(worker, {"name": "سارا", "phone": "  ", "email": None})
    assert answer.status_code == 422
    assert answer.json()["fields"] == ["phone", "email"]


async def test_rule_01_a_key_is_its_senders_own_and_its_changed_body_is_for_a_human(
    worker: Worker,
) -> None:
    await send(worker, LEAD, Idempotency_Key="k-1")
    await worker.posted("plain", json=LEAD, headers={"Idempotency-Key": "k-1"})
    await worker.posted("contact", json=LEAD, headers={"Idempotency-Key": "k-1"})
    assert len({lead.submission_id for lead in worker.leads}) == 3
    assert [lead.key_owner for lead in worker.leads][:1] == ["ours"]


async def test_invariant_03_the_same_key_and_body_is_the_same_lead_once(worker: Worker) -> None:
    first = await send(worker, LEAD, Idempotency_Key="k-1")
    again = await send(worker, LEAD, Idempotency_Key='"k-1"')
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert len(worker.leads) == 1
    other = await send(worker, LEAD | {"name": "other"}, Idempotency_Key="k-1")
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]
    assert len(worker.leads) == 1


async def test_a_repeat_hears_how_safe_the_first_is_by_now(worker: Worker) -> None:
    await send(worker, LEAD, Idempotency_Key="k-1")
    again = await send(worker, LEAD, Idempotency_Key="k-1")
    assert again.headers["x-durability"] == "replicated"
    worker.log.away = True
    for _ in range(2):
        answer = await send(worker, LEAD, Idempotency_Key="k-2")
        assert answer.headers["x-durability"] == "spooled"
    worker.log.away = False
    deadline = time.monotonic() + 30
    while answer.headers["x-durability"] == "spooled":
        assert time.monotonic() < deadline, "the repeat never heard"
        await asyncio.sleep(0.1)
        answer = await send(worker, LEAD, Idempotency_Key="k-2")
    assert len(worker.leads) == 2


@pytest.mark.parametrize("consent", [True, False, "yes", {"terms": 1}])
async def test_consent_is_kept_as_it_was_said(worker: Worker, consent: Any) -> None:
    assert (await send(worker, LEAD | {"consent": consent})).status_code == 202
    assert worker.leads[0].consent == consent


async def test_the_same_key_still_in_work_is_409(worker: Worker) -> None:
    worker.log.delay = 0.5
    seen: set[int] = set()
    for key in map(str, range(20)):
        several = (send(worker, LEAD, Idempotency_Key=key) for _ in range(5))
        answers = await asyncio.gather(*several)
        done = [answer for answer in answers if answer.status_code == 202]
        assert len({answer.json()["submission_id"] for answer in done}) == 1
        seen |= {answer.status_code for answer in answers}
        if 409 in seen:
            break
    assert seen == {202, 409}
    assert (await send(worker, LEAD, Idempotency_Key=key)).status_code == 202


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "a\tb"])
async def test_an_odd_key_is_400(worker: Worker, key: str) -> None:
    answer = await send(worker, LEAD, Idempotency_Key=key or '""')
    assert answer.status_code == 400


async def test_keys_without_postgres_are_accepted_by_their_derived_id(tmp_path: Path) -> None:
    async with capturing(tmp_path) as worker:
        first = await send(worker, LEAD, Idempotency_Key="k")
        again = await send(worker, LEAD, Idempotency_Key="k")
        other = await send(worker, LEAD | {"name": "other"}, Idempotency_Key="k")
        assert {answer.status_code for answer in (first, again, other)} == {202}
        assert first.json() == again.json() == other.json()
        ids = [event.id for event in worker.log.events]
        assert ids[0] == ids[1] != ids[2]
        assert (await send(worker, LEAD)).status_code == 202


@pytest.mark.alone
async def test_both_away_it_starts_and_accepts_and_answers_do_not_wait(tmp_path: Path) -> None:
    log = MemoryLog()
    log.away = True
    async with capturing(tmp_path, log=log) as worker:
        await send(worker, LEAD, Idempotency_Key="first")
        answers = [await send(worker, LEAD, Idempotency_Key=f"k{n}") for n in range(20)]
        assert {answer.headers["x-durability"] for answer in answers} == {"spooled"}
        assert max(answer.elapsed.total_seconds() for answer in answers) < 1
        assert (await worker.http.get("/readyz")).status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 400), (b"nope", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"x"', "application/json", 400), (b'{"phone": NaN}', "application/json", 400),
        (b"\xff\xfe\x00", "application/json", 400), (b"[" * 100_000, "application/json", 400),
        (b"phone=1", "application/x-www-form-urlencoded", 415),
        (b'"' + b"x" * (1 << 20) + b'"', "application/json", 413),
    ],
)  # fmt: skip
async def test_bad_bodies(worker: Worker, content: bytes, kind: str, status: int) -> None:
    began = time.process_time()
    answer = await send(worker, content, Content_Type=kind)
    assert answer.status_code == status
    assert time.process_time() - began < 1
    assert worker.leads == []


async def test_a_full_megabyte_is_taken(worker: Worker) -> None:
    body = {"phone": "1", "message": "x" * (1024 * 1024 - 40)}
    assert (await send(worker, body)).status_code == 202


async def test_keys_are_kept_a_week_and_the_first_use_stays(database: Database) -> None:
    now = datetime.now(UTC)
    uses = [Used(body, f"00000000-0000-4000-8000-00000000000{body}") for body in "ab"]
    keys = [key_of("zapier", "old"), key_of("zapier", "new"), key_of("other", "new")]
    async with database.transaction() as tx:
        await store.keep_keys(tx, [(keys[0], uses[0])], now - timedelta(days=7, seconds=1))
        await store.keep_keys(tx, [(keys[1], uses[0])], now)
        await store.keep_keys(tx, [(keys[1], uses[1])], now)
    await Keys(database).forget_old()
    async with database.transaction() as tx:
        assert await store.find_keys(tx, keys) == {keys[1]: uses[0]}


async def test_rule_26_the_books_hear_how_far_each_spool_is(
    tmp_path: Path, database_url: str, database: Database
) -> None:
    async with capturing(tmp_path, database_url) as worker:
        for _ in range(3):
            await send(worker, LEAD)
    async with database.transaction() as tx:
        rows = (
            await tx.execute(text("SELECT CAST(spool AS text), high FROM capture.spools"))
        ).all()
    assert [tuple(row) for row in rows] == [(worker.log.places[0][0], 3)]
