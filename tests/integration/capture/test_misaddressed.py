"""Posts to a form that does not exist: those from our own pages can be found again."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from uuid_utils.compat import uuid7

from libs.common.database import Database
from libs.common.events import Activity
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.capture import store
from services.capture.door.misaddressed import MOST_WAITING, RAW_BYTES, Misaddressings
from services.capture.store import Misaddressed
from tests.fixtures.capture.capturing import capturing
from tests.fixtures.capture.memory_log import MemoryLog

HOME = {"Origin": "https://nil.example"}
SAID = {"phone": "0912", "نام": "سارا"}


async def listed(database: Database, count: int) -> list[Misaddressed]:
    deadline = time.monotonic() + 30
    while True:
        async with database.transaction() as tx:
            found = await store.list_misaddressed(tx, 2000)
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline, "was not written in time"
        await asyncio.sleep(0.02)


def kept_by(database: Database, log: MemoryLog | None = None) -> Misaddressings:
    parts = SimpleNamespace(database=database, log=log or MemoryLog())
    return Misaddressings(database, Inputs("capture", cast("Runtime", parts)))


def post(at: datetime, form: str = "x") -> Misaddressed:
    return Misaddressed(str(uuid7()), at, form, None, None, "text/plain", [], b"", 0)


async def test_a_post_from_our_own_page_is_listed_and_a_strangers_is_not(
    tmp_path: Path, database_url: str, database: Database
) -> None:
    page = "http://www.nil.example/seo?a=b"
    async with capturing(tmp_path, database_url) as worker:
        answers = [
            await worker.posted("contcat", data=SAID, headers={"Origin": "https://evil.example"}),
            await worker.posted("contcat", data=SAID),
            await worker.posted("contcat", data=SAID, headers=HOME),
            await worker.posted("x%00y", content=b"\x00\xff", headers={"Referer": page}),
            await worker.posted("big", json={"phone": "1" * RAW_BYTES}, headers=HOME),
            await worker.posted("huge", content=b"1" * (1 << 21), headers=HOME),
        ]
        assert [answer.status_code for answer in answers] == [404] * 6
        assert answers[2].headers["access-control-allow-origin"] == HOME["Origin"]
        assert "access-control-allow-origin" not in answers[0].headers
        metrics = (await worker.http.get("/metrics")).text
        assert worker.leads == []
    assert 'sarnakh_capture_unknown_forms_total{result="listed"}' in metrics
    assert 'sarnakh_capture_unknown_forms_total{result="foreign"}' in metrics
    huge, big, odd, typed = await listed(database, 4)
    assert (typed.form, typed.origin, typed.fields) == ("contcat", HOME["Origin"], list(SAID))
    assert typed.raw.startswith(b"phone=0912&")
    assert typed.content_type == "application/x-www-form-urlencoded"
    assert (odd.form, odd.page, odd.raw, odd.fields) == ("xy", page, b"\x00\xff", [])
    assert (len(big.raw), big.size) == (RAW_BYTES, RAW_BYTES + len('{"phone":""}'))
    assert (huge.form, huge.raw) == ("huge", b"")


async def test_a_browser_is_told_on_a_page_in_both_languages(tmp_path: Path) -> None:
    async with capturing(tmp_path) as worker:
        page = await worker.posted("contcat", data=SAID, headers=HOME | {"Accept": "text/html"})
        assert page.status_code == 404
        assert page.headers["content-type"].startswith("text/html")
        assert "چنین فرمی نیست" in page.text
        assert "There is no such form" in page.text
        script = await worker.posted("contcat", data=SAID, headers=HOME)
        assert script.headers["content-type"] == "application/problem+json"
        asked = await worker.http.options("/v1/forms/contcat", headers=HOME)
        assert asked.status_code == 204
        assert asked.headers["access-control-allow-origin"] == HOME["Origin"]


async def test_nobody_waits_for_the_list_and_it_is_bounded(tmp_path: Path) -> None:
    async with capturing(tmp_path) as worker:  # without Postgres
        began = time.monotonic()
        for _ in range(5):
            assert (await worker.posted("contcat", data=SAID, headers=HOME)).status_code == 404
        assert time.monotonic() - began < 20


async def test_a_thousand_are_kept_for_a_week(database: Database) -> None:
    now = datetime.now(UTC)
    old = [post(now - timedelta(days=7, seconds=1))]
    async with database.transaction() as tx:
        await store.keep_misaddressed(tx, old, 1000)
        await store.keep_misaddressed(tx, [post(now, str(n)) for n in range(20)], 15)
        await store.keep_misaddressed(tx, old, 1000)
    await kept_by(database).forget_old()
    found = await listed(database, 15)
    assert [one.form for one in found] == [str(n) for n in reversed(range(5, 20))]


async def test_the_newest_wait_where_postgres_is_away(database: Database) -> None:
    waiting = kept_by(Database("postgresql://nobody:none@127.0.0.1:9/none"))
    for number in range(MOST_WAITING + 5):
        waiting.offer(post(datetime.now(UTC), str(number)))
    await waiting.save()
    back = kept_by(database)
    running = asyncio.create_task(back.run())
    back.offer(post(datetime.now(UTC)))
    await listed(database, 1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_rule_07_what_was_listed_is_said_once_the_log_is_back_and_says_nothing_typed(
    database: Database,
) -> None:
    log = MemoryLog()
    log.away = True
    page = "https://www.nil.example/خدمات/?tel=09121234567#x"
    typed = Misaddressed(
        str(uuid7()), datetime.now(UTC), "contcat", None, page, "", ["phone"], b"phone=0912", 10
    )
    lists = kept_by(database, log)
    lists.offer(typed)
    await lists.save()
    assert [one.id for one in await listed(database, 1)] == [typed.id]
    assert log.events == []
    log.away = False
    parts = SimpleNamespace(database=database, log=log)
    assert await Inputs("capture", cast("Runtime", parts)).publish_left_over(0) == 1
    (event,) = log.events
    assert isinstance(event.data, Activity)
    assert (event.id, event.data.type) == (typed.id, "form.misaddressed")
    assert event.data.page == "nil.example/خدمات"
    assert event.data.data == {"form": "contcat", "host": "www.nil.example"}
    assert "0912" not in str(event)
