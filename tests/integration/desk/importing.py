"""A desk whose lists are worked on by the test, turn by turn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from libs.common.database.statements import text
from libs.common.events import Activity, Event, LeadCaptured, decode
from services.desk.imports.working import Working
from services.desk.web.app import build

if TYPE_CHECKING:
    from tests.integration.desk.conftest import Desk

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
        """As if routing had given all of them to somebody, who is told of them at the end."""
        async with self.desk.database.transaction() as tx:
            await tx.execute(text("UPDATE desk.submissions SET state = 'assigned'"))

    def captured(self) -> list[LeadCaptured]:
        return [data for event in self.events() if isinstance(data := event.data, LeadCaptured)]

    def sequences(self) -> list[int]:
        """Of the desk's spool, in the order of the log."""
        told = (dict(event.extensions) for event in self.events())
        return [int(one["sequence"]) for one in told if "sequence" in one]

    def worked_through(self) -> list[str]:
        """The lists of which routing is told that nothing more comes for now."""
        said = [event.data for event in self.events()]
        return [one.data["list"] for one in said if isinstance(one, Activity)]

    def events(self) -> list[Event]:
        return [decode(record) for record in self.desk.tape.records]


def numbered(rows: int) -> bytes:
    lines = (f"x{n},0912{n:07}" for n in range(1_000_000, 1_000_000 + rows))
    return "\n".join(["name,phone", *lines]).encode()
