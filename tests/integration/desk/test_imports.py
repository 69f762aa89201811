"""Lists through the desk's API: what is read, what is put in, and that nothing comes twice."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from libs.common.database import Database
from libs.common.database.statements import text
from libs.common.events import Event, LeadCaptured, decode
from services.desk.imports import working
from services.desk.imports.working import Working
from services.desk.web.app import build
from tests.integration.desk.conftest import FILE, Desk

LIST = (
    "ردیف,نام و نام خانوادگی,موبایل,ایمیل,شهر\r\n"
    "1,شیدا کریمی,۰۹۱۲۱۲۳۴۵۶۷,sheida@nil.example,تهران\r\n"
    "2,رضا,9121234568,,قم\r\n"
    "3,بی‌نشان,,,یزد\r\n"
    "4,کوتاه,0912,,یزد\r\n"
    "5,شیدا كريمي,+989121234567,Sheida@Nil.example,تهران\r\n"
)
CHOICE = {"basis": "bought_list", "source": "expo-2026", "page_url": "https://nil.example/expo"}


class Imports:
    """A desk whose worker is run by the test, turn by turn."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.working = Working(desk.runtime)
        desk.app = build(desk.runtime, None, self.working)
        desk.api = desk.client({"Authorization": f"Bearer {desk.runtime.token}"})

    async def bring(self, content: bytes, name: str = "مشتریان.csv") -> dict[str, Any]:
        answer = await self.desk.api.post("/api/imports", params={"name": name}, content=content)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    async def ask(self, item: str, what: str, **body: Any) -> Any:
        answer = await self.desk.api.post(f"/api/imports/{item}/{what}", json=body or None)
        assert answer.status_code in {202, 204}, answer.text
        return answer

    async def look(self, item: str) -> Any:
        return await self.desk.get(f"/api/imports/{item}")

    async def whole(self, content: bytes, **choice: Any) -> Any:
        """Bring, check, start, and run to its end."""
        brought = await self.bring(content)
        await self.ask(brought["id"], "check", **{**CHOICE, **choice})
        assert await self.working.turn()
        await self.ask(brought["id"], "start")
        await self.turn()
        return await self.look(brought["id"])

    async def turn(self) -> None:
        """Work, with the read model told of what is appended."""
        telling = asyncio.create_task(self._tell())
        try:
            await self.working.turn()
        finally:
            telling.cancel()

    async def _tell(self) -> None:
        told = 0
        while True:
            new = self.desk.tape.records[told:]
            told += len(new)
            if new:
                await self.desk.feed(*(decode(record) for record in new))
                await self._through()
            await asyncio.sleep(0.01)

    async def _through(self) -> None:
        """As if routing had told the specialists of all."""
        async with self.desk.database.transaction() as tx:
            await tx.execute(text("UPDATE desk.submissions SET state = 'notified'"))

    def captured(self) -> list[LeadCaptured]:
        return [data for event in self.events() if isinstance(data := event.data, LeadCaptured)]

    def events(self) -> list[Event]:
        return [decode(record) for record in self.desk.tape.records]


@pytest.fixture
async def lists(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Imports]:
    monkeypatch.setattr(working, "LOOK_SECONDS", 0.01)
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, encoding="utf-8")
    made = Imports(Desk(database, file))
    yield made
    await made.desk.api.aclose()


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
        "file": "مشتریان.csv",
        "sha256": brought["sha256"],
        "row": 2,
    }
    assert (first.consent["basis"], first.consent["by"]) == ("bought_list", "api")
    assert first.attribution.page_url == "https://nil.example/expo"
    assert second.fields == {"name": "رضا", "phone": "9121234568"}
    sequences = [dict(event.extensions)["sequence"] for event in lists.events()]
    assert sequences == ["1", "2"]


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
