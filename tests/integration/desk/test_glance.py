"""The books on the health page: never waited for long, and never made up without a rest."""

from __future__ import annotations

import asyncio

import pytest

from libs.common.database.statements import text
from services.desk.overviews import glance
from services.desk.overviews.glance import BooksSeen, Glances
from tests.integration.desk.conftest import Desk

LOCK = text("LOCK TABLE enrichment.receipts IN ACCESS EXCLUSIVE MODE")


async def test_while_the_books_take_long_the_last_are_shown_and_then_the_newer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glance, "BOOKS_EVERY", 0.0)
    monkeypatch.setattr(glance, "REST", 0)
    monkeypatch.setattr(glance, "SOON", 0.2)
    glances = Glances(desk.runtime)
    first = await glances.books()
    assert first.books is not None
    assert first.books.balanced
    async with desk.database.transaction() as tx:
        await tx.execute(LOCK)
        for _ in range(3):
            assert await glances.books() == first, "many may look, one asks"
    async with asyncio.timeout(30):
        while (newer := await glances.books()).at <= first.at:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)
    assert newer.books == first.books


async def test_what_took_long_is_not_asked_for_again_before_a_rest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glance, "BOOKS_EVERY", 0.0)
    monkeypatch.setattr(glance, "REST", 10_000)
    glances = Glances(desk.runtime)
    seen: list[BooksSeen] = [await glances.books() for _ in range(3)]
    assert seen[0].books is not None
    assert len({one.at for one in seen}) == 1


async def test_books_that_cannot_be_made_up_are_told_of_as_such(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(glance, "WITHIN", 0.2)
    async with desk.database.transaction() as tx:
        await tx.execute(LOCK)
        assert (await Glances(desk.runtime).books()).books is None
