"""What a platform's list shows and no call has brought comes in, once, whatever the list does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.database import Database
from tests.integration.capture.reconciliation import Reconciliation

ITEMS = [str(1_000_000 + n) for n in range(7)]
FIRST, *LOST = ITEMS


@pytest.fixture(params=["meta", "linkedin", "typeform", "calendly"])
async def pulls(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> AsyncIterator[Reconciliation]:
    made = Reconciliation(request.param, database, tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def meta(database: Database, tmp_path: Path) -> AsyncIterator[Reconciliation]:
    made = Reconciliation("meta", database, tmp_path)
    yield made
    await made.close()


async def connected(pulls: Reconciliation) -> None:
    """A source that works: its first lead has come by call, and the list was compared once."""
    pulls.sends(FIRST)
    await pulls.calls(FIRST)
    await pulls.later(minutes=1)
    assert pulls.came() == {FIRST: 1}


async def lost_for_an_hour(pulls: Reconciliation) -> None:
    """Leads that no call brings, ten minutes apart."""
    for n, item in enumerate(LOST):
        pulls.sends(item, minutes=60 - 10 * n)


async def test_what_no_call_brought_comes_by_the_list(pulls: Reconciliation) -> None:
    await connected(pulls)
    await pulls.later(minutes=30)
    await lost_for_an_hour(pulls)
    assert pulls.came() == {FIRST: 1}, "not before it is due"
    await pulls.later(minutes=31)
    assert pulls.came() == dict.fromkeys(ITEMS, 1)
    assert pulls.told()[-1]["missing"] == len(LOST)
    await pulls.later(hours=1)
    await pulls.later(hours=9)
    assert pulls.came() == dict.fromkeys(ITEMS, 1), "once"
    assert len(pulls.platform.pages) > len(ITEMS) // 2, "in pages"


async def test_invariant_02_a_call_that_comes_late_is_the_same_event(pulls: Reconciliation) -> None:
    await connected(pulls)
    await pulls.later(hours=1)
    pulls.sends(LOST[0])
    await pulls.later(hours=1)
    (by_list,) = pulls.ids(LOST[0])
    await pulls.calls(LOST[0], LOST[0])
    assert pulls.ids(LOST[0]) == {by_list}
    await pulls.later(hours=1)
    told = pulls.told()[-1]
    assert (told["missing"], told["late"], told["repeated"]) == (0, 1, 1)
