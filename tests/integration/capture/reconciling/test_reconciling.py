"""What a platform's list shows and no call has brought comes in, once, whatever the list does."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from libs.common.database import Database
from libs.common.database.statements import text
from services.capture.door.door import submission_id_of
from services.capture.reconciling.reconcile import OVERLAP
from services.capture.store import arrivals
from services.capture.workers.comparing import Comparing
from tests.doubles.lists import MetaLists
from tests.integration.capture.reconciling.reconciliation import (
    FIRST,
    ITEMS,
    LOST,
    START,
    Reconciliation,
    connected,
    lost_for_an_hour,
)


async def test_what_no_call_brought_comes_by_the_list(pulls: Reconciliation) -> None:
    await connected(pulls)
    await pulls.later(minutes=30)
    await lost_for_an_hour(pulls)
    assert pulls.came() == {FIRST: 1}, "not before it is due"
    await pulls.later(minutes=31)
    assert pulls.came() == dict.fromkeys(ITEMS, 1)
    assert pulls.told()[-1]["missing"] == len(LOST)
    await pulls.later(hours=1)
    assert (pulls.told()[-1]["missing"], pulls.told()[-1]["late"]) == (len(LOST), 0), "still"
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


async def test_what_was_taken_in_before_a_process_died_is_counted_as_missing(
    pulls: Reconciliation, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dies(*_: object) -> None:
        """Nothing of the page is settled; what was taken in lies in the spool."""

    await connected(pulls)
    await pulls.later(minutes=30)
    pulls.sends(*LOST[:2])
    with monkeypatch.context() as before:
        before.setattr(Comparing, "settle", dies)
        await pulls.later(minutes=31)
    await pulls.later(minutes=1)
    await pulls.later(hours=1)
    assert pulls.came() == dict.fromkeys(ITEMS[:3], pulls.came()[LOST[0]]) | {FIRST: 1}
    assert pulls.told()[-1]["missing"] == 2


async def test_what_was_there_before_the_first_call_is_not_ours(pulls: Reconciliation) -> None:
    pulls.sends(*ITEMS[:3], days=3)
    await pulls.run()
    await pulls.later(hours=1)
    assert pulls.came() == {}
    pulls.sends(ITEMS[3])
    await pulls.later(hours=1)
    assert pulls.came() == {ITEMS[3]: 1}, "from then on"


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
    for item in (LOST[0], FIRST):
        await pulls.takes_back(item)
    before = pulls.came()
    await pulls.later(hours=1)
    assert pulls.came() == {**before, LOST[1]: 1}
    await pulls.close()


async def test_a_word_that_somebody_withdrew_is_no_repeat_and_no_late_call(
    database: Database, tmp_path: Path
) -> None:
    pulls = Reconciliation("linkedin", database, tmp_path)
    await connected(pulls)
    pulls.sends(LOST[0])
    await pulls.later(hours=1)
    for item in (LOST[0], FIRST):
        await pulls.takes_back(item)
    await pulls.later(hours=1)
    told = pulls.told()[-1]
    assert (told["missing"], told["late"], told["repeated"]) == (1, 0, 0)
    await pulls.calls(LOST[0])
    await pulls.later(hours=1)
    told = pulls.told()[-1]
    assert (told["missing"], told["late"], told["repeated"]) == (0, 1, 0)
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


async def test_what_came_before_calls_were_noted_is_known_by_what_was_fetched(
    meta: Reconciliation,
) -> None:
    await connected(meta)
    meta.sends(LOST[0])
    await meta.calls(LOST[0])
    async with meta.database.transaction() as tx:
        await tx.execute(text("DELETE FROM capture.calls WHERE at > :at"), {"at": START})
    await meta.later(hours=1)
    assert meta.came() == dict.fromkeys(ITEMS[:2], 1)


async def test_what_came_is_forgotten_once_no_window_reaches_back_so_far(
    meta: Reconciliation,
) -> None:
    await connected(meta)
    meta.sends(LOST[0])
    await meta.later(hours=1)
    async with meta.database.transaction() as tx:
        both = [submission_id_of("meta", "ads", item) for item in ITEMS[:2]]
        later, overlap = meta.now + timedelta(days=1), OVERLAP.total_seconds()
        await arrivals.forget(tx, later, overlap, 100)
        assert await arrivals.known(tx, both) == set(both), "the list still shows them"
        await tx.execute(text("UPDATE capture.pulls SET newest = :at"), {"at": later + OVERLAP * 2})
        await tx.execute(text("DELETE FROM capture.fetches"))
        await arrivals.forget(tx, START - timedelta(days=1), overlap, 100)
        assert await arrivals.known(tx, both) == set(both), "not so old"
        await arrivals.forget(tx, later, overlap, 100)
        assert await arrivals.known(tx, both) == set()


async def test_a_form_that_is_left_out_of_the_file_keeps_nothing_waiting(
    database: Database, tmp_path: Path
) -> None:
    pulls = Reconciliation("typeform", database, tmp_path)
    pulls.configure(more=', forms: ["lT4Z3j", "gone"]')
    await connected(pulls)
    pulls.configure()
    told = len(pulls.told())
    await pulls.later(hours=2)
    assert len(pulls.told()) == told + 1
    assert pulls.told()[-1]["compared"] == 1
    await pulls.close()
