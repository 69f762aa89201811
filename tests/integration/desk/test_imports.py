"""Lists through the desk's API: what is read, what is put in, and that nothing comes twice."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx
import openpyxl
import pytest

from libs.common.database.statements import text
from libs.common.serving.patience import TAKE_TIME
from services.desk.imports import working
from services.desk.imports.working import Working
from tests.integration.desk.conftest import TOKEN
from tests.integration.desk.importing import CHOICE, LIST, Imports, numbered
from tests.integration.desk.journey import Journey


async def test_a_list_is_read_checked_without_effect_and_put_in(lists: Imports) -> None:
    brought = await lists.bring(LIST.encode())
    assert [(c["name"], c["ours"]) for c in brought["columns"]] == [
        ("ردیف", None),
        ("نام و نام خانوادگی", "name"),
        ("موبایل", "phone"),
        ("ایمیل", "email"),
        ("شهر", None),
    ]
    assert brought["preview"][0]["contact"]["phone"] == "+989121234567"
    await lists.ask(brought["id"], "check", **CHOICE)
    assert await lists.working.turn()
    checked = await lists.look(brought["id"])
    assert (checked["state"], checked["rows"]) == ("checked", 5)
    assert checked["checked"] == {
        "new": 2,
        "without_contact": 1,
        "unusable_phone": 1,
        "repeated": 1,
    }
    assert [(e["line"], e["code"]) for e in checked["examples"]] == [
        (4, "without_contact"),
        (5, "unusable_phone"),
        (6, "repeated"),
    ]
    assert lists.desk.tape.records == []

    await lists.ask(brought["id"], "start")
    await lists.turn()
    done = await lists.look(brought["id"])
    assert (done["state"], done["counts"]) == ("done", checked["checked"])
    first, second = lists.captured()
    assert (first.kind, first.source, first.temperature) == ("import", "expo-2026", "cold")
    assert first.fields["phone"] == "۰۹۱۲۱۲۳۴۵۶۷"
    assert first.extra["شهر"] == "تهران"
    assert first.extra["_import"] == {
        "list": brought["id"],
        "file": "مشتریان.csv",
        "sha256": brought["sha256"],
        "row": 2,
    }
    assert (first.consent["basis"], first.consent["by"]) == ("bought_list", "api")
    assert first.attribution.page_url == "https://nil.example/expo"
    assert second.fields == {"name": "رضا", "phone": "9121234568"}
    assert lists.sequences() == [1, 2]
    assert lists.worked_through() == [brought["id"]]


async def test_a_check_tells_repeats_as_they_will_be_and_who_has_a_contact_of_an_earlier_row(
    lists: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "READ", 2)  # the rows are read in several parts
    rows = (
        "name,phone,email",
        "شیدا,09121234567,",
        "رضا,09121234568,r@nil.example",
        "شیدا,+98 912 123 4567,",
        "شیدا کریمی,۰۹۱۲۱۲۳۴۵۶۷,",
        "دیگری,,R@nil.example",
        "شیدا,9121234567,",
    )
    brought = await lists.bring("\n".join(rows).encode())
    await lists.ask(brought["id"], "check", **CHOICE)
    assert await lists.working.turn()
    checked = await lists.look(brought["id"])
    assert checked["checked"] == {"new": 4, "repeated": 2, "shared": 2}
    await lists.ask(brought["id"], "start")
    await lists.turn()
    assert (await lists.look(brought["id"]))["counts"] == {"new": 4, "repeated": 2}


async def test_the_same_people_in_another_file_format_and_order_come_once(lists: Imports) -> None:
    await lists.whole(LIST.encode())
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["#", "نام و نام خانوادگی", "شماره موبایل", "email", "شهر"],
        [9, "رضا", 9121234568, None, "قم"],
        [10, "شیدا کریمی", "00989121234567", "sheida@nil.example", "تهران"],
        [11, "تازه", 9121234569.0, None, None],
    ):
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    done = await lists.whole(written.getvalue())
    assert done["counts"] == {"new": 1, "earlier": 2}
    assert [one.fields["name"] for one in lists.captured()] == ["شیدا کریمی", "رضا", "تازه"]


async def test_a_bought_list_is_never_said_to_be_anything_but_cold(lists: Imports) -> None:
    brought = await lists.bring(LIST.encode())
    path = f"/api/imports/{brought['id']}/check"
    for body in (
        {},
        {"basis": "hope"},
        {"basis": "bought_list", "temperature": "scored"},
        {"basis": "consent", "columns": {"شهر": "town"}},
        {"basis": "consent", "columns": {"شهر": "name", "ایمیل": "name"}},
    ):
        assert (await lists.desk.api.post(path, json=body)).status_code == 422, body
    body = {"basis": "consent", "columns": {"nothing": "name"}}
    assert (await lists.desk.api.post(path, json=body)).status_code == 409
    assert (await lists.desk.api.post(path.replace("check", "start"))).status_code == 409


@pytest.fixture
def paced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small slices, so that a short list has many borders."""
    monkeypatch.setattr(working, "SLICE", 5)
    monkeypatch.setattr(working, "AHEAD", 10)


@pytest.mark.usefixtures("paced")
async def test_an_import_waits_for_what_is_on_its_way_and_can_be_stopped_and_go_on(
    lists: Imports,
) -> None:
    brought = await lists.bring(numbered(40))
    item = brought["id"]
    await lists.ask(item, "check", **CHOICE)
    await lists.working.turn()
    await lists.ask(item, "start")
    stuck = asyncio.create_task(lists.working.turn())  # nobody tells the read model: none arrives
    assert len(await lists.desk.said(10)) == 10
    for _look in range(20):  # many times as long as a slice takes
        assert (await lists.look(item))["position"] <= 10
    assert len(lists.desk.tape.records) == 10
    await lists.ask(item, "stop")
    await stuck
    assert (await lists.look(item))["state"] == "stopped"
    same = await lists.bring(numbered(40), "another name.csv")
    assert (same["id"], same["state"]) == (item, "stopped")
    await lists.ask(item, "start")
    await lists.turn()
    done = await lists.look(item)
    assert (done["state"], done["counts"]) == ("done", {"new": 40})
    assert len({one.submission_id for one in lists.captured()}) == len(lists.captured()) == 40
    assert sorted(lists.sequences()) == list(range(1, 41))
    assert lists.worked_through() == [item, item]  # when it was stopped, and at its end


@pytest.mark.usefixtures("paced")
@pytest.mark.parametrize("at", range(1, 8))
async def test_a_worker_that_dies_anywhere_leaves_it_to_another_from_where_it_was(
    lists: Imports, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Dies at the n-th passing of a point inside a slice's transaction, and after its commit."""
    brought = await lists.bring(numbered(20) + b"\nx1,09121000000")
    await lists.ask(brought["id"], "check", **CHOICE)
    await lists.working.turn()
    await lists.ask(brought["id"], "start")
    passed = 0

    def die(_point: str) -> None:
        nonlocal passed
        passed += 1
        if passed == at:
            raise asyncio.CancelledError

    monkeypatch.setattr(working, "fail_point", die)
    monkeypatch.setattr("libs.common.stage.inputs.fail_point", die)
    with pytest.raises(asyncio.CancelledError):
        await lists.turn()
    async with lists.desk.database.transaction() as tx:
        await tx.execute(text("UPDATE desk.imports SET lease_until = now()"))
    lists.working = Working(lists.desk.runtime)
    await lists.working.inputs.publish_left_over(older_than=0)
    await lists.turn()
    done = await lists.look(brought["id"])
    assert (done["state"], done["counts"]) == ("done", {"new": 21})
    assert lists.worked_through() == [brought["id"]]
    assert {one.fields["phone"] for one in lists.captured()} == {
        f"0912{n:07}" for n in range(1_000_000, 1_000_020)
    }
    assert len({one.submission_id for one in lists.captured()}) == 21


async def test_the_leads_of_one_list_are_looked_at_by_themselves(lists: Imports) -> None:
    done = await lists.whole(LIST.encode())
    journey, other = Journey(name="شیدا"), Journey(name="دیگری", phone="+989121234570")
    journey.submission = lists.captured()[0].submission_id
    await lists.desk.feed(*journey.whole()[1:], *other.whole())
    found = await lists.desk.get("/api/leads", list=done["id"])
    assert [lead["id"] for lead in found["items"]] == [journey.lead_id]
    assert len((await lists.desk.get("/api/leads"))["items"]) == 2
    wrong = await lists.desk.api.get("/api/leads", params={"list": "x"})
    assert wrong.status_code == 422
    async with lists.desk.client({"Accept": "text/html"}) as browser:
        await browser.post("/sign-in", data={"token": TOKEN})
        page = (await browser.get("/", params={"list": done["id"], "owner": "sara"})).text
    assert journey.lead_id in page
    assert other.lead_id not in page
    assert "از یک فهرست" in page
    assert f"/?owner=me&amp;list={done['id']}" in page


async def test_errors_are_a_file_and_a_forgotten_list_is_gone_but_its_rows_stay_known(
    lists: Imports,
) -> None:
    done = await lists.whole(LIST.encode())
    item = done["id"]
    answer = await lists.desk.api.get(f"/api/imports/{item}/errors", params={"lang": "en"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row[:2] for row in rows[1:]] == [
        ["4", "it has no phone, e-mail or handle"],
        ["5", "موبایل: this cannot be a phone number"],
        ["6", "it repeats line 2 of this file"],
    ]
    folder = lists.working.folder
    assert folder.path(item).stat().st_mode & 0o777 == 0o600
    await lists.ask(item, "forget")
    assert not folder.path(item).exists()
    assert (await lists.desk.api.get(f"/api/imports/{item}")).status_code == 404
    assert (await lists.whole(LIST.encode()))["counts"]["earlier"] == 2


async def test_a_list_of_staff_may_take_its_time_and_a_strangers_may_not(lists: Imports) -> None:
    allowed: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        allow = {"allow": lambda: allowed.append(scope["path"])}
        await lists.desk.app({**scope, "extensions": {TAKE_TIME: allow}}, receive, send)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        stranger = await client.post("/api/imports", content=LIST.encode())
        nobody = await client.post("/imports", files={"file": ("x.csv", LIST.encode())})
        assert (stranger.status_code, nobody.status_code, allowed) == (401, 303, [])
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        program = await client.post("/api/imports", content=LIST.encode(), headers=bearer)
        await client.post("/sign-in", data={"token": TOKEN})
        await client.post("/imports", files={"file": ("x.csv", LIST.encode())})
        await client.post("/api/leads", content=b"{}", headers=bearer)
    assert (program.status_code, allowed) == (201, ["/api/imports", "/imports"])


async def test_a_file_above_the_bound_and_one_that_is_cut_leave_nothing(lists: Imports) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield bytes(1024 * 1024)

    answer = await lists.desk.api.post("/api/imports", content=endless())
    assert answer.status_code == 413
    answer = await lists.desk.api.post("/api/imports", content=b"<html><table>")
    assert (answer.status_code, answer.json()["code"]) == (422, "a_web_page")
    assert [path.name for path in (lists.desk.runtime.settings.data_dir / "imports").iterdir()] == [
        "place"
    ]
    assert (await lists.desk.get("/api/imports"))["items"] == []
    stranger = lists.desk.client()
    assert (await stranger.post("/api/imports", content=b"a,b\n1,2")).status_code == 401
    await stranger.aclose()
