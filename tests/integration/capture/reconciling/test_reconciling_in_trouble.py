"""A list that cannot be had for now, or whose reader dies: nothing is skipped or doubled."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import pytest

from libs.common import topics
from services.capture.calls.problems import Problem
from services.capture.door.door import Door
from services.capture.reconciling.reconcile import begun
from services.capture.sources.listing import Page
from services.capture.store import pulls
from services.capture.store.fetches import Claim
from services.capture.workers.comparing import Comparing, Ours, in_force
from tests.doubles.lists import MetaLists, TypeformLists
from tests.integration.capture.reconciling.reconciliation import (
    FIRST,
    ITEMS,
    LOST,
    Reconciliation,
    connected,
    lost_for_an_hour,
)


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


async def test_a_form_that_its_page_names_no_more_is_no_trouble(meta: Reconciliation) -> None:
    assert isinstance(meta.platform, MetaLists)
    meta.configure(more="")  # the page names its forms
    await connected(meta)
    forms, meta.platform.forms = meta.platform.forms, []
    meta.platform.moods["leads"] = "misses"
    meta.sends(LOST[0], hours=-1)
    for _ in range(5):
        await meta.later(hours=1)
    assert "trouble" not in meta.told()[-1]
    meta.platform.moods.clear()
    await meta.later(hours=9)
    assert meta.came() == {FIRST: 1}
    meta.platform.forms = forms
    await meta.later(hours=1)
    assert meta.came() == {FIRST: 1, LOST[0]: 1}, "named again, it goes on where it was"


async def test_a_lead_that_the_log_would_not_take_whole_comes_without_its_raw_bytes(
    typeform: Reconciliation, monkeypatch: pytest.MonkeyPatch
) -> None:
    await connected(typeform)
    of = TypeformLists.item

    def fat(self: TypeformLists, item: str) -> dict[str, Any]:
        found = of(self, item)
        if item == LOST[0]:
            found["answers"][0]["text"] = "n" * 2_600_000
        return found

    monkeypatch.setattr(TypeformLists, "item", fat)
    typeform.sends(*LOST[:2])
    await typeform.later(hours=1)
    await typeform.later(minutes=5)
    assert typeform.came() == dict.fromkeys(ITEMS[:3], 1)
    sizes = [len(record.value) for record in typeform.captured()]
    assert max(sizes) < topics.MAX_RECORD_BYTES


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
    meta.platform.mood = "hangs"
    meta.now += timedelta(hours=1)
    asked = sum(meta.platform.asked.values())
    for reconciler in meta.reconcilers:
        await reconciler.turn()
        meta.now += timedelta(seconds=1)
    await asyncio.gather(*(each.settled() for each in meta.reconcilers))
    assert sum(meta.platform.asked.values()) == asked + 1, "nor while one waits for its answer"


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
    await meta.later(seconds=5)
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


async def test_rule_20_whose_claim_has_lapsed_settles_nothing(meta: Reconciliation) -> None:
    await connected(meta)
    meta.now += timedelta(hours=1)
    async with meta.database.transaction() as tx:
        every = timedelta(hours=1)
        pull = await pulls.next_due(tx, "meta", "ads", in_force(meta.source), meta.now, every)
        assert pull
        stale, fresh = (Claim(str(uuid.uuid4()), meta.now, meta.now, "t") for _ in range(2))
        for by in (stale, fresh):
            await pulls.claim(tx, pull, by.token, meta.now + timedelta(seconds=20))
    ours = begun(pull)
    comparing, told = Comparing(meta.runtime, meta.clock), len(meta.told())
    await comparing.settle(Ours(ours, stale), Page(), 0.5, meta.source)
    assert len(meta.told()) == told
    await comparing.settle(Ours(ours, fresh), Page(), 0.5, meta.source)
    await comparing.settle(Ours(ours, fresh), Page(), 0.5, meta.source)
    assert len(meta.told()) == told + 1
