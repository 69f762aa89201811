"""The books that programs ask for: as new as the question, and made up for all of them at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from libs.common.database.statements import text
from services.desk.overviews.glance import Glances
from tests.integration.desk.conftest import Desk

MANY = 30
"""Of those who ask: more than there are connections."""
WAITING = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
""")

CANCEL = text("""
    SELECT pg_cancel_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'
""")


@asynccontextmanager
async def held_up(desk: Desk) -> AsyncIterator[None]:
    """Nobody gets books while this lasts."""
    async with desk.database.transaction() as tx:
        await tx.execute(text("LOCK TABLE enrichment.receipts IN ACCESS EXCLUSIVE MODE"))
        yield


async def making(desk: Desk) -> int:
    """How many make up books, once there is one."""
    async with asyncio.timeout(30):
        while True:
            async with desk.database.transaction() as tx:
                if found := int((await tx.execute(WAITING)).scalar_one()):
                    return found
            await asyncio.sleep(0.01)


async def test_however_many_ask_for_the_books_one_connection_makes_them_up(desk: Desk) -> None:
    await desk.get("/api/books")
    async with held_up(desk):
        asked = [asyncio.create_task(desk.get("/api/books"))]
        await making(desk)
        asked += [asyncio.create_task(desk.get("/api/books")) for _ in range(MANY)]
        async with asyncio.timeout(30):
            for _ in range(5):
                assert (await desk.get("/api/leads"))["items"] == []
        assert await making(desk) == 1
    assert all(books["balanced"] for books in await asyncio.gather(*asked))


async def test_whoever_asks_is_told_what_was_true_by_then(desk: Desk) -> None:
    async with held_up(desk):
        first = asyncio.create_task(desk.get("/api/books"))
        await making(desk)
        leaving = asyncio.create_task(desk.get("/api/books"))
        await desk.get("/api/leads")
        async with desk.database.transaction() as other:
            await other.execute(
                text("INSERT INTO desk.spools (spool, high) VALUES (gen_random_uuid(), 7)")
            )
        later = [asyncio.create_task(desk.get("/api/books")) for _ in range(3)]
        await desk.get("/api/leads")
        leaving.cancel()
    assert [(await each)["accepted"] for each in later] == [7, 7, 7]
    assert (await first)["balanced"]


async def test_the_page_sees_what_programs_had_made_up_and_they_what_is_newer(desk: Desk) -> None:
    glances = Glances(desk.runtime)
    made = await glances.books_now()
    assert (await glances.books()).books is made
    assert await glances.books_now() is not made


async def test_books_that_cannot_be_made_up_are_asked_for_again_in_a_moment(desk: Desk) -> None:
    async with held_up(desk):
        asked = [asyncio.create_task(desk.api.get("/api/books")) for _ in range(3)]
        await making(desk)
        async with desk.database.transaction() as tx:
            await tx.execute(CANCEL)
        answers = await asyncio.gather(*asked)
    assert [each.status_code for each in answers] == [503] * 3
    assert all(each.headers["retry-after"] for each in answers)
    assert (await desk.get("/api/books"))["balanced"]
