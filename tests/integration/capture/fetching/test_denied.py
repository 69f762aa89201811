"""A few leads that their platform denies or fails never stand in the way of the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from libs.common.database.statements import text
from libs.common.events import Activity, Attribution, Event, derived_id
from services.capture.workers.client import Client
from services.capture.workers.fetcher import Fetcher
from services.capture.workers.settling import Settling
from tests.integration.capture.fetching.hydration import Hydration


def of_form(form: str) -> Attribution:
    return Attribution(ad={"form_id": form})


async def longest_wait(hydration: Hydration, count: int) -> tuple[int, int]:
    """Seconds of the slowest good lead of so many, one a minute; and how many were fetched."""
    noted: dict[str, datetime] = {}
    slowest = 0
    for n in range(count):
        (lead,) = await hydration.note(f"90{n}")
        noted[lead.submission_id] = hydration.now
        for _ in range(12):
            await hydration.run(2)
            for one in hydration.published():
                if (since := noted.pop(one.submission_id, None)) is not None:
                    slowest = max(slowest, int((hydration.now - since).total_seconds()))
            hydration.now += timedelta(seconds=5)
    return slowest, count - len(noted)


@pytest.mark.parametrize("mood", ["forbids", "errs", "cuts", "misses"])
async def test_leads_that_fail_for_good_hold_up_no_other(hydration: Hydration, mood: str) -> None:
    poison = [f"6{n}" for n in range(8)]
    hydration.graph.moods = dict.fromkeys(poison, mood)
    await hydration.note(*poison)
    await hydration.run()
    hydration.now += timedelta(seconds=30)
    slowest, fetched = await longest_wait(hydration, 6)
    assert fetched == 6
    assert slowest <= 60
    poisoned = sum(hydration.graph.asked[item] for item in poison)
    assert poisoned <= 8 * 9, "they keep their own back-off"


async def test_a_form_without_the_right_stands_still_alone_and_says_so(
    hydration: Hydration,
) -> None:
    for n in range(5):
        hydration.graph.moods[f"6{n}"] = "forbids"
        await hydration.note(f"6{n}", attribution=of_form("1"))
    await hydration.run(3)
    assert hydration.words() == [("source.paused", "200")]
    assert [told.data.get("lacks") for told in hydration.activities() if "reason" in told.data] == [
        "right"
    ]
    assert await hydration.reason() == "200"
    await hydration.note("71", "72", attribution=of_form("2"))
    await hydration.later(seconds=1)
    assert len(hydration.published()) == 2
    asked = hydration.graph.asked.total()
    hydration.graph.moods["81"] = "forbids"
    await hydration.note("81", attribution=of_form("1"))
    await hydration.later(seconds=30)
    assert hydration.graph.asked.total() == asked
    hydration.graph.moods.clear()
    await hydration.later(seconds=31, turns=4)
    for _ in range(3):
        await hydration.later(seconds=1)
    assert len(hydration.published()) == 8
    assert hydration.words()[1:] == [("source.resumed", "200")]
    assert await hydration.reason() is None


async def test_a_source_that_goes_on_but_for_a_form_says_so_by_the_form_s_word(
    hydration: Hydration,
) -> None:
    """And each standstill counts on, for readers who pass over that."""
    hydration.graph.moods = dict.fromkeys(("60", "61", "62"), "forbids")
    await hydration.note(*hydration.graph.moods, attribution=of_form("1"))
    await hydration.run(3)
    for n, valid in enumerate(("token-2", "token-3")):
        hydration.graph.tokens = {valid}
        await hydration.note(f"7{n}", attribution=of_form("2"))
        await hydration.later(seconds=1)
        hydration.configure(valid)
        await hydration.later(seconds=1, turns=2)
        assert len(hydration.published()) == n + 1
    said = [(data.type, data.data) for data in hydration.activities() if "change" in data.data]
    assert [type_ for type_, _told in said] == ["source.paused"] * 5
    of_the_form = ("form:1", "200", "right", 1)
    assert [
        (told.get("place"), told["reason"], told["lacks"], told["change"], told.get("goes_on"))
        for _type, told in said
    ] == [
        (*of_the_form, None),
        (None, "190/460", "token", 1, None),
        (*of_the_form, True),
        (None, "190/460", "token", 3, None),
        (*of_the_form, True),
    ]


async def test_another_token_opens_a_form_at_once(hydration: Hydration) -> None:
    for n in range(3):
        hydration.graph.moods[f"6{n}"] = "forbids"
        await hydration.note(f"6{n}", attribution=of_form("1"))
    for _ in range(4):
        await hydration.later(minutes=20)
    hydration.graph.moods.clear()
    hydration.graph.tokens = {"token-2"}
    hydration.configure("token-2")
    for _ in range(3):
        await hydration.later(seconds=1)
    assert len(hydration.published()) == 3


async def test_a_lost_right_that_reads_as_missing_throws_nothing_away(
    hydration: Hydration,
) -> None:
    hydration.graph.mood = "misses"
    items = [str(1000 + n) for n in range(12)]
    await hydration.note(*items)
    for _ in range(40):
        await hydration.later(minutes=1)
    assert (hydration.published(), await hydration.waiting()) == ([], 12)
    assert hydration.words() == [("source.paused", "100/33")]
    hydration.graph.mood = "well"
    await hydration.later(hours=1)
    for _ in range(6):
        await hydration.later(seconds=1)
    assert [lead.held for lead in hydration.published()] == [None] * 12


async def given_up(hydration: Hydration) -> str:
    """A lead that was not there, as its only one."""
    hydration.graph.moods["5"] = "misses"
    (lead,) = await hydration.note("5")
    await hydration.run()
    for _ in range(5):
        await hydration.later(minutes=11)
    assert [each.held for each in hydration.published()] == ["unreadable_at_platform"]
    return lead.submission_id


async def release(hydration: Hydration, submission: str) -> None:
    data = Activity(
        activity_id="a", type="staff.released", at=hydration.now, submission_id=submission
    )
    event = Event(derived_id("r"), submission, hydration.now, data)
    async with hydration.database.transaction() as tx:
        await hydration.stage.handle(tx, [event])


async def test_what_was_given_up_is_fetched_when_staff_release_it(hydration: Hydration) -> None:
    submission = await given_up(hydration)
    await release(hydration, submission)
    for _ in range(5):
        await hydration.later(minutes=11)
    assert len(hydration.published()) == 1, "that it is held is said once"
    assert await ledger(hydration) == 0
    hydration.graph.moods.clear()
    await release(hydration, submission)
    assert await ledger(hydration) == 0, "it is held, not on its way"
    await hydration.later(seconds=1)
    _, found = hydration.published()
    assert (found.revision, found.held, found.fields["phone"]) == (3, None, "+989120000005")
    await release(hydration, submission)
    await hydration.later(seconds=1)
    assert len(hydration.published()) == 2


async def test_what_was_given_up_is_fetched_with_another_token(hydration: Hydration) -> None:
    await given_up(hydration)
    asked = hydration.graph.asked["5"]
    hydration.graph.moods.clear()
    hydration.another()
    await hydration.later(hours=2)
    assert hydration.graph.asked["5"] == asked
    hydration.graph.tokens = {"token-2"}
    hydration.configure("token-2")
    await hydration.run(2)
    assert [each.held for each in hydration.published()] == ["unreadable_at_platform", None]


async def test_what_was_given_up_is_forgotten_when_its_platform_gives_it_out_no_more(
    hydration: Hydration,
) -> None:
    submission = await given_up(hydration)
    hydration.now += timedelta(days=91)
    hydration.another()
    await hydration.run()
    await release(hydration, submission)
    await hydration.run()
    assert len(hydration.published()) == 1
    async with hydration.database.transaction() as tx:
        kept = await tx.execute(text("SELECT captured FROM capture.fetches"))
        assert kept.scalar_one() is None


async def ledger(hydration: Hydration) -> int:
    async with hydration.database.transaction() as tx:
        found = await tx.execute(text("SELECT count(*) FROM capture.ledger"))
        return int(found.scalar_one())


async def test_invariant_27_a_member_whose_clock_is_ahead_makes_nobody_s_success_stale(
    hydration: Hydration,
) -> None:
    hydration.graph.mood = "throttles"
    hydration.graph.wait_minutes = 1
    runtime, client = hydration.runtime(), Client(2.0)
    hydration.fetchers = [Fetcher(runtime, Settling(runtime), hydration.noted, client)]
    hydration.now = datetime.now(UTC) - timedelta(minutes=1)
    await hydration.note("1")
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        await hydration.run()
    async with hydration.database.transaction() as tx:
        rows = await tx.execute(
            text("""
                SELECT failed_at <= clock_timestamp(), next_at < clock_timestamp() + '2 min'
                FROM capture.fetch_sources
            """)
        )
        assert tuple(rows.one()) == (True, True)
    await client.close()
