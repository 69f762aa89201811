"""What fetches and what ends them write the same rows at once: nobody waits in a circle."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from libs.common.database.statements import text
from services.capture.fetching.pace import Pace
from services.capture.store import fetches, given_up
from tests.integration.capture.fetching.hydration import START, Hydration
from tests.integration.capture.locks import held_up

ADS = Pace("meta", "ads", START)
GIVEN_UP = ", held = true, done_at = noted_at"
WAYS = {
    "bring_forward": (partial(fetches.bring_forward, place="", resumed=False), ""),
    "absolve": (fetches.absolve, ", denied = true"),
    "ask_all_again": (given_up.ask_all_again, GIVEN_UP),
}


async def _first(hydration: Hydration, more: str) -> str:
    """Three that were put off for an hour; the one that a slice is about to end."""
    leads = await hydration.note("1", "2", "3")
    put_off = "UPDATE capture.fetches SET error = 'away', due_at = now() + interval '1 hour'"
    async with hydration.database.transaction() as tx:
        await tx.execute(text(put_off + more))
    return min(lead.submission_id for lead in leads)


@pytest.mark.parametrize("name", WAYS)
async def test_rule_12_a_source_that_goes_on_waits_for_no_slice_that_ends_a_fetch(
    hydration: Hydration, name: str
) -> None:
    """It has locked the fetch that it settles, which that slice may be waiting for."""
    way, more = WAYS[name]
    held = await _first(hydration, more)
    async with hydration.database.transaction() as slice_:
        hold = "SELECT FROM capture.fetches WHERE submission_id = CAST(:id AS uuid) FOR UPDATE"
        await slice_.execute(text(hold), {"id": held})
        async with asyncio.timeout(30), hydration.database.transaction() as tx:
            await way(tx, ADS, now=hydration.now)  # type: ignore[operator]  # each takes these
    async with hydration.database.transaction() as tx:
        due = "SELECT count(*) FROM capture.fetches WHERE done_at IS NULL AND due_at <= :now"
        assert await tx.scalar(text(due), {"now": hydration.now}) == 2


async def test_rule_12_released_fetches_are_locked_in_their_order(hydration: Hydration) -> None:
    """Rows lie in no order: who waits for the first holds none of the others."""
    held = await _first(hydration, GIVEN_UP)
    async with hydration.database.transaction() as tx:
        rows = await tx.execute(text("SELECT CAST(submission_id AS text) FROM capture.fetches"))
        ids = list(rows.scalars())
        again = "UPDATE capture.fetches SET tries = 0 WHERE submission_id = CAST(:id AS uuid)"
        await tx.execute(text(again), {"id": held})  # lies behind the others now

    async def released() -> None:
        async with hydration.database.transaction() as other:
            await given_up.ask_again(other, ids, hydration.now)

    locked = "SELECT FROM capture.fetches WHERE submission_id = CAST(:id AS uuid) FOR UPDATE"
    async with hydration.database.transaction() as tx:
        await tx.execute(text(locked), {"id": held})
        task = asyncio.create_task(released())
        await held_up(hydration.database, 1, task)
        await tx.execute(text(f"{locked} NOWAIT"), {"id": max(ids)})
    await task
