"""Leads that come by id only: fetched whatever the platform does, each exactly once."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Content, Failed, Refused
from services.capture.store import fetches, paces
from services.capture.store.fetches import Claim, Which
from services.capture.workers.settling import Settling
from tests.doubles.graph import FORM
from tests.integration.capture.fetching.hydration import START, Hydration

ITEM = "1290384756102938"


async def test_content_comes_as_the_second_revision_of_the_same_submission(
    hydration: Hydration,
) -> None:
    (first,) = await hydration.note(ITEM)
    await hydration.run()
    (second,) = hydration.published()
    assert (second.submission_id, second.revision, second.hydrate) == (
        first.submission_id, 2, False,
    )  # fmt: skip
    assert (second.received_at, second.source) == (first.received_at, "ads")
    assert second.fields == {"name": "نیلوفر 6102938", "phone": "+989126102938"}
    said = ["مشاوره", "نصب"]
    assert second.extra == {"کدام خدمت؟": said, "_keys": {"کدام_خدمت؟": said}}
    assert second.attribution.ad["campaign_name"] == "پاییز"
    assert ITEM.encode() in second.raw
    assert await hydration.waiting() == 0
    assert all("token-1" not in path for path in hydration.graph.paths)


async def test_the_same_note_again_fetches_nothing_again(hydration: Hydration) -> None:
    for _ in range(2):
        await hydration.note(ITEM)
        await hydration.run()
    await hydration.note(ITEM)
    await hydration.later(hours=2)
    assert hydration.graph.asked[ITEM] == 1
    assert len(hydration.published()) == 1


@pytest.mark.parametrize(
    "mood", ["fails", "transient", "hangs", "resets", "cuts", "garbles", "floods"]
)
async def test_a_platform_in_trouble_is_asked_again_and_loses_nothing(
    hydration: Hydration, mood: str
) -> None:
    hydration.seconds = 2.0 if mood == "hangs" else 10.0  # a busy machine asks late
    hydration.configure()
    hydration.graph.mood = mood
    await hydration.note(ITEM)
    await hydration.run(3)
    assert (hydration.graph.asked[ITEM], hydration.published()) == (1, [])
    await hydration.later(seconds=30)
    assert hydration.graph.asked[ITEM] == 2
    hydration.graph.mood, hydration.seconds = "well", 10.0
    hydration.configure()
    await hydration.later(minutes=2)
    assert len(hydration.published()) == 1
    assert await hydration.reason() is None


async def test_a_day_s_outage_loses_nothing_and_is_over_within_a_minute(
    hydration: Hydration,
) -> None:
    hydration.graph.mood = "fails"
    items = [str(1_000_000 + n) for n in range(30)]
    await hydration.note(*items)
    for _ in range(24):
        await hydration.later(hours=1)
    asked = hydration.graph.asked.total()
    assert asked <= 30, "the platform was not left in peace"
    assert await hydration.waiting() == 30
    hydration.graph.mood = "well"
    await hydration.later(minutes=1)
    for _ in range(20):
        await hydration.later(seconds=1)
    assert {lead.fields["phone"][-7:] for lead in hydration.published()} == set(items)
    assert len(hydration.published()) == 30
    assert await hydration.waiting() == 0


async def test_what_was_put_off_in_an_outage_is_due_when_it_is_over(hydration: Hydration) -> None:
    hydration.graph.mood = "fails"
    await hydration.note(ITEM)
    for _ in range(7):
        await hydration.later(minutes=10)
    await hydration.note("7")
    hydration.graph.mood = "well"
    await hydration.later(seconds=61)
    await hydration.later(seconds=1)
    assert len(hydration.published()) == 2


async def test_a_throttled_source_waits_as_long_as_it_is_told(hydration: Hydration) -> None:
    hydration.graph.mood = "throttles"
    await hydration.note(ITEM, "7")
    await hydration.run()
    asked = hydration.graph.asked.total()
    assert asked == 2, "both were under way when the first was told to wait"
    assert set(hydration.waits()) == {hydration.now + timedelta(minutes=19)}
    await hydration.later(minutes=18)
    assert hydration.graph.asked.total() == asked
    hydration.graph.mood = "well"
    await hydration.later(seconds=61, turns=3)
    await hydration.later(seconds=1)
    assert len(hydration.published()) == 2


async def test_one_throttled_source_does_not_hold_up_another(hydration: Hydration) -> None:
    both = (
        f", access_token: token-1}}, {{key: other, kind: meta, secret: s, "
        f'api_url: "{hydration.graph.url}"'
    )
    hydration.configure("", more=f"{both}, access_token: token-1")
    hydration.graph.moods[ITEM] = "throttles"
    await hydration.note(ITEM)
    await hydration.run()
    await hydration.note("8", source="other")
    await hydration.run()
    assert [lead.source for lead in hydration.published()] == ["other"]


async def test_a_refused_token_pauses_the_source_and_another_one_is_tried_at_once(
    hydration: Hydration,
) -> None:
    hydration.graph.tokens = {"token-2"}
    await hydration.note("1", "2", "3")
    await hydration.run(3)
    asked = hydration.graph.asked.total()
    await hydration.later(minutes=1)
    assert hydration.graph.asked.total() == asked
    assert await hydration.reason() == "190/460"
    assert hydration.words() == [("source.paused", "190/460")]
    assert await hydration.waiting() == 3
    hydration.configure("token-2")
    await hydration.run(2)
    await hydration.later(seconds=1)
    assert hydration.words()[1:] == [("source.resumed", "190/460")]
    assert len(hydration.published()) == 3
    assert await hydration.reason() is None


async def test_a_paused_source_goes_on_by_itself_when_a_careful_try_works(
    hydration: Hydration,
) -> None:
    hydration.graph.mood = "bad_token"
    await hydration.note("1")
    await hydration.run()
    await hydration.later(minutes=6)
    assert hydration.graph.asked["1"] == 2
    hydration.graph.mood = "well"
    await hydration.later(minutes=6)
    assert hydration.graph.asked["1"] == 2, "the pause grows"
    await hydration.later(hours=1)
    assert len(hydration.published()) == 1
    assert [word for word, _ in hydration.words()] == ["source.paused", "source.resumed"]


async def test_what_is_not_there_is_held_after_a_few_tries_and_never_dropped(
    hydration: Hydration,
) -> None:
    hydration.graph.moods[ITEM] = "misses"
    await hydration.note(ITEM, "7")
    await hydration.run()
    for _ in range(10):
        await hydration.later(minutes=10)
    held, good = sorted(hydration.published(), key=lambda lead: lead.held is None)
    assert (held.held, held.revision, held.fields) == ("unreadable_at_platform", 2, {})
    assert good.held is None
    assert hydration.graph.asked[ITEM] == 5
    assert await hydration.waiting() == 0


async def test_what_the_platform_gives_out_no_longer_is_held(hydration: Hydration) -> None:
    hydration.graph.mood = "fails"
    await hydration.note(ITEM, occurred_at=START - timedelta(days=1))
    await hydration.run()
    hydration.now += timedelta(days=89)
    hydration.another()
    await hydration.run()
    assert [lead.held for lead in hydration.published()] == ["expired_at_platform"]
    assert await hydration.waiting() == 0


@pytest.mark.parametrize(
    ("key", "token", "why"), [("other", "t", "not_configured"), ("ads", "", "no_token")]
)
async def test_a_source_that_cannot_be_asked_waits_and_says_so_once(
    hydration: Hydration, key: str, token: str, why: str
) -> None:
    hydration.configure(token, key)
    await hydration.note(ITEM)
    await hydration.run(2)
    await hydration.later(hours=2)
    assert hydration.words() == [("source.paused", why)]
    assert not hydration.graph.asked
    hydration.configure()
    await hydration.run()
    assert len(hydration.published()) == 1


async def test_leads_of_other_forms_are_held_with_their_content(hydration: Hydration) -> None:
    hydration.configure(more=', forms: ["1"]')
    await hydration.note(ITEM)
    await hydration.run()
    (held,) = hydration.published()
    assert (held.held, held.fields["phone"]) == ("other_form", "+989126102938")


async def test_several_fetchers_share_the_work(hydration: Hydration) -> None:
    hydration.another()
    hydration.another()
    items = [str(n) for n in range(1, 13)]
    await hydration.note(*items)
    for _ in range(12):
        await hydration.later(seconds=1)
    asked = {item: times for item, times in hydration.graph.asked.items() if item != FORM}
    assert asked == dict.fromkeys(items, 1)
    assert len(hydration.published()) == 12


async def test_rule_20_a_result_whose_claim_has_lapsed_changes_nothing(
    hydration: Hydration,
) -> None:
    """A process was stopped for minutes in mid-fetch, and another one is at it by now."""
    (lead,) = await hydration.note(ITEM)
    late, new = str(uuid.uuid4()), str(uuid.uuid4())
    ours = Source(key="ads", kind="meta", secret=("s",))
    for token in (late, new):
        by = Claim(token, hydration.now, hydration.now + timedelta(seconds=25))
        async with hydration.database.transaction() as tx:
            pace = await paces.lock_source(tx, "meta", "ads")
            assert pace is not None
            (one,) = await fetches.claim(tx, pace, Which(4), by)
            other = by._replace(token=str(uuid.uuid4()))
            assert await fetches.claim(tx, pace, Which(4), other) == [], "it is somebody's already"
        hydration.now += timedelta(minutes=2)
    settling = Settling(hydration.runtime())
    for result in (Failed("503"), Refused("190", everywhere=True), Content(Arrival(ITEM, b"late"))):
        by = Claim(late, START, START)
        await settling.settle(one, by, result, 0.5, ours)
        late = str(uuid.uuid4())
    assert (hydration.published(), hydration.words()) == ([], [])
    async with hydration.database.transaction() as tx:
        assert await fetches.lock_fetch(tx, lead.submission_id, new) is not None


async def test_rule_07_content_that_was_settled_is_published_when_the_log_is_back(
    hydration: Hydration,
) -> None:
    await hydration.note(ITEM)
    hydration.log.away = True
    await hydration.run()
    assert await hydration.waiting() == 0
    hydration.log.away = False
    assert hydration.published() == []
    await hydration.publish_left_over()
    assert len(hydration.published()) == 1


async def test_what_waits_is_in_the_ledger_of_capture(hydration: Hydration) -> None:
    hydration.graph.mood = "fails"
    await hydration.note("1", "2")
    await hydration.run()
    async with hydration.database.transaction() as tx:
        (found,) = await paces.list_fetching(tx)
    assert (found.kind, found.source, found.waiting, found.reason) == ("meta", "ads", 2, None)
