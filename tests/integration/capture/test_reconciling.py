"""What a platform's list shows and no call has brought comes in, once, whatever the list does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from libs.common.database import Database
from services.capture.door import Door
from services.capture.problems import Problem
from tests.doubles.lists import MetaLists
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


@pytest.fixture(params=["meta", "calendly"])
async def two(
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


async def test_what_was_there_before_the_first_call_is_not_ours(pulls: Reconciliation) -> None:
    pulls.sends(*ITEMS[:3], days=3)
    await pulls.run()
    await pulls.later(hours=1)
    assert pulls.came() == {}
    pulls.sends(ITEMS[3])
    await pulls.later(hours=1)
    assert pulls.came() == {ITEMS[3]: 1}, "from then on"
    assert pulls.told()[-1]["missing"] == 1


async def test_two_days_without_us_or_calls_are_made_up_for(meta: Reconciliation) -> None:
    await connected(meta)
    for n, item in enumerate(LOST):
        meta.sends(item, hours=-8 * n - 1)
    await meta.later(hours=50)
    assert meta.came() == dict.fromkeys(ITEMS, 1)


@pytest.mark.parametrize("order", ["newest first", "oldest first"])
async def test_pages_may_repeat_leads_and_come_in_any_order(
    pulls: Reconciliation, order: str
) -> None:
    await connected(pulls)
    pulls.platform.again, pulls.platform.is_reversed = 1, order == "oldest first"
    await lost_for_an_hour(pulls)
    await pulls.later(hours=1)
    assert pulls.came() == dict.fromkeys(ITEMS, 1)


async def test_a_list_that_does_not_heed_the_time_brings_nothing_old(
    pulls: Reconciliation,
) -> None:
    pulls.platform.heeds_time = False
    pulls.sends(*LOST, days=20)
    await connected(pulls)
    pulls.platform.is_reversed = True
    await pulls.later(hours=1)
    assert pulls.came() == {FIRST: 1}


async def test_a_platform_that_goes_down_in_the_midst_is_asked_on_where_it_was(
    two: Reconciliation,
) -> None:
    await connected(two)
    await lost_for_an_hour(two)
    platform = two.platform
    platform.pages.clear()
    platform.dies_after = 2
    await two.later(hours=1)
    assert 0 < len(two.came()) < len(ITEMS)
    await two.later(minutes=5)
    assert len(platform.pages) == 2
    assert two.words() == [], "nobody's fault but its own"
    platform.dies_after, platform.moods = None, {}
    two.reconcilers.clear()
    two.another()
    await two.later(minutes=30)
    assert two.came() == dict.fromkeys(ITEMS, 1)
    first = [page[0] for page in platform.pages if page]
    assert first.count(platform.listed(None)[0]) == 1, "the first page was not asked for again"


async def test_a_throttled_source_is_left_in_peace(two: Reconciliation) -> None:
    await connected(two)
    await lost_for_an_hour(two)
    two.platform.mood, two.platform.wait_minutes = "throttles", 1
    await two.later(hours=1)
    asked = sum(two.platform.asked.values())
    for _ in range(5):
        await two.later(seconds=8)
    assert sum(two.platform.asked.values()) == asked
    two.platform.mood = "well"
    await two.later(minutes=3)
    assert two.came() == dict.fromkeys(ITEMS, 1)


async def test_a_refused_token_pauses_the_source_and_another_one_wakes_it(
    two: Reconciliation,
) -> None:
    await connected(two)
    await lost_for_an_hour(two)
    two.platform.tokens = {"token-2"}
    two.platform.mood = "bad_token"
    await two.later(hours=1)
    (word,) = two.words()
    assert word.startswith("source.paused ")
    asked = sum(two.platform.asked.values())
    await two.later(minutes=2)
    assert sum(two.platform.asked.values()) == asked
    two.platform.mood = "well"
    two.configure("token-2")
    await two.later(seconds=5)
    assert two.came() == dict.fromkeys(ITEMS, 1)
    assert two.words() == [word, word.replace("paused", "resumed")]


async def test_a_list_that_is_not_for_us_is_told_of_and_stops_nothing_else(
    two: Reconciliation,
) -> None:
    await connected(two)
    two.platform.moods[two.platform.path] = "misses"
    await two.later(hours=1)
    assert two.told()[-1].get("trouble")
    told = len(two.told())
    await two.later(hours=3)
    assert len(two.told()) == told, "once"
    assert two.words() == []
    two.platform.moods = {}
    two.sends(LOST[0], hours=2)
    await two.later(hours=2)
    assert two.came() == {FIRST: 1, LOST[0]: 1}
    assert "trouble" not in two.told()[-1]


async def test_processes_do_not_pull_the_same_source_at_once(meta: Reconciliation) -> None:
    await connected(meta)
    await lost_for_an_hour(meta)
    for _ in range(3):
        meta.another()
    meta.platform.pages.clear()
    await meta.later(hours=1)
    assert meta.came() == dict.fromkeys(ITEMS, 1)
    pages = [tuple(page) for page in meta.platform.pages]
    assert len(pages) == len(set(pages)), "each page once"


async def test_who_died_over_a_page_is_followed_by_another(meta: Reconciliation) -> None:
    await connected(meta)
    await lost_for_an_hour(meta)
    meta.now += timedelta(hours=1)
    (dead,) = meta.reconcilers
    await dead.turn()
    for task in asyncio.all_tasks():
        if "Reconciler._pull" in repr(task):
            task.cancel()  # as SIGKILL would have it, after the claim
    meta.reconcilers.clear()
    meta.another()
    await meta.run()
    assert meta.came() == {FIRST: 1}, "while the claim holds"
    await meta.later(minutes=2)
    assert meta.came() == dict.fromkeys(ITEMS, 1)


async def test_a_page_that_cannot_be_stored_is_asked_for_again(
    meta: Reconciliation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connected(meta)
    await lost_for_an_hour(meta)

    async def full(_self: Door, _event: object) -> None:
        raise Problem(503)

    with monkeypatch.context() as disk:
        disk.setattr(Door, "accept", full)
        await meta.later(hours=1)
    assert meta.came() == {FIRST: 1}
    await meta.later(minutes=1)
    assert meta.came() == dict.fromkeys(ITEMS, 1)


@pytest.mark.parametrize("reconcile", [", reconcile: off", ", reconcile: 6h"])
async def test_it_can_be_off_or_rarer(meta: Reconciliation, reconcile: str) -> None:
    needs = meta.needs + reconcile
    meta.configure(more=needs)
    await connected(meta)
    await lost_for_an_hour(meta)
    await meta.later(hours=2)
    assert meta.came() == {FIRST: 1}
    await meta.later(hours=5)
    assert meta.came() == ({FIRST: 1} if "off" in reconcile else dict.fromkeys(ITEMS, 1))


async def test_without_a_token_nobody_is_asked(meta: Reconciliation) -> None:
    meta.configure("")
    await connected(meta)
    await meta.later(hours=2)
    assert not meta.platform.pages


async def test_rule_29_what_was_taken_back_does_not_come_by_the_list(
    database: Database, tmp_path: Path
) -> None:
    pulls = Reconciliation("linkedin", database, tmp_path)
    await connected(pulls)
    pulls.sends(*LOST[:2])
    await pulls.takes_back(LOST[0])
    await pulls.takes_back(FIRST)
    before = pulls.came()
    await pulls.later(hours=1)
    assert pulls.came() == {**before, LOST[1]: 1}
    await pulls.close()


async def test_a_page_names_its_forms_and_a_new_one_began_under_our_eyes(
    meta: Reconciliation,
) -> None:
    assert isinstance(meta.platform, MetaLists)
    (form,), meta.platform.forms = meta.platform.forms, []
    meta.configure(more="")
    await meta.run()
    assert any("/me/leadgen_forms?" in path for path in meta.platform.paths)
    meta.platform.forms = [form]
    meta.sends(FIRST)
    await meta.later(hours=1)
    assert meta.came() == {FIRST: 1}, "though no call ever came"


async def test_a_lead_from_the_future_moves_no_window(meta: Reconciliation) -> None:
    await connected(meta)
    meta.sends(LOST[0], days=-900)
    await meta.later(hours=1)
    meta.sends(LOST[1])
    await meta.later(hours=1)
    assert meta.came() == dict.fromkeys(ITEMS[:3], 1)
