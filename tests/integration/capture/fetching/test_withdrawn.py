"""What a platform takes back is not fetched: not yet, not any more, and not when it comes late."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from libs.common.configuration.schema import Source
from libs.common.database.statements import text
from libs.common.erasing import SUBMISSION_ERASED
from libs.common.events import Activity, Event, LeadCaptured, derived_id, encode
from libs.common.log import Partition, Stored
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Content
from services.capture.store import fetches, given_up, paces
from services.capture.store.fetches import Claim, Which
from services.capture.workers.settling import Settling
from tests.integration.capture.fetching.hydration import Hydration

ITEM, OTHER = "1290384756102938", "1290384756102939"


async def take_back(hydration: Hydration, *leads: LeadCaptured) -> None:
    """The word as capture's door writes it down."""
    words = [
        Event(
            derived_id("w", lead.submission_id),
            lead.submission_id,
            hydration.now,
            structs.replace(lead, hydrate=False, platform_id=None, raw=b"", withdrawn=True),
        )
        for lead in leads
    ]
    assert all(hydration.stage.wants(_stored(word)) for word in words)
    async with hydration.database.transaction() as tx:
        await hydration.stage.handle(tx, words)


def _stored(event: Event) -> Stored:
    record = encode(event)
    lane = Partition(record.topic, 0)
    return Stored(lane, 0, record.key, record.value, record.headers, event.time)


def erased(hydration: Hydration, submission_id: str) -> Event:
    """Enrichment's word."""
    id_ = derived_id("e", submission_id)
    said = Activity(id_, SUBMISSION_ERASED, hydration.now, submission_id=submission_id)
    return Event(id_, submission_id, hydration.now, said)


async def rows(hydration: Hydration, query: str) -> list[Any]:
    async with hydration.database.transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(query))]


async def kept(hydration: Hydration) -> list[str]:
    async with hydration.database.transaction() as tx:
        rows = await tx.execute(
            text("SELECT row_to_json(f)::text FROM capture.fetches f WHERE captured IS NOT NULL")
        )
        return [row[0] for row in rows]


async def test_what_waits_to_be_fetched_is_dropped_and_the_other_is_not(
    hydration: Hydration,
) -> None:
    gone, stays = await hydration.note(ITEM, OTHER)
    await take_back(hydration, gone, gone)
    await hydration.run()
    assert [lead.submission_id for lead in hydration.published()] == [stays.submission_id]
    assert hydration.graph.asked[ITEM] == 0
    assert await kept(hydration) == []
    assert await hydration.waiting() == 0


async def test_rule_29_the_word_may_come_before_the_id(hydration: Hydration) -> None:
    (gone,) = await hydration.note(ITEM)
    async with hydration.database.transaction() as tx:
        await tx.execute(text("DELETE FROM capture.fetches"))
    await take_back(hydration, gone)
    for _ in range(2):
        await hydration.note(ITEM)
        await hydration.run()
    assert hydration.graph.asked[ITEM] == 0
    assert hydration.published() == []
    assert await kept(hydration) == []


@pytest.mark.parametrize("is_first", [False, True])
async def test_rule_29_what_is_erased_before_or_after_it_is_noted_leaves_nothing_that_counts(
    hydration: Hydration, *, is_first: bool
) -> None:
    ours, form = derived_id("s", "ads", ITEM), derived_id("a form's")
    if not is_first:
        await hydration.note(ITEM)
    async with hydration.database.transaction() as tx:
        await hydration.stage.handle(tx, [erased(hydration, one) for one in (ours, form)])
    await hydration.note(ITEM)
    await hydration.run()
    assert (hydration.graph.asked[ITEM], hydration.published(), await kept(hydration)) == (
        0,
        [],
        [],
    )
    assert await hydration.waiting() == 0
    assert await rows(hydration, "SELECT submission_id FROM capture.ledger") == []
    async with hydration.database.transaction() as tx:
        assert {(each.kind, each.source) for each in await paces.list_fetching(tx)} == {
            ("meta", "ads")
        }
    known = "SELECT CAST(submission_id AS text), kind, source, item FROM capture.fetches"
    tombstones = {(ours, "meta", "ads", ""), (form, "", "", "")}
    for days, left in ((99, tombstones), (2, {(ours, "meta", "ads", "")})):
        hydration.now += timedelta(days=days)
        async with hydration.database.transaction() as tx:
            await given_up.forget(tx, hydration.now)
        assert set(await rows(hydration, known)) == left, "the key of what was to be fetched stays"
    await hydration.note(ITEM)
    await hydration.run()
    assert hydration.graph.asked[ITEM] == 0


async def test_a_reply_on_its_way_finds_its_claim_gone(hydration: Hydration) -> None:
    (gone,) = await hydration.note(ITEM)
    by = Claim(str(uuid.uuid4()), hydration.now, hydration.now + timedelta(seconds=25))
    async with hydration.database.transaction() as tx:
        pace = await paces.lock_source(tx, "meta", "ads")
        assert pace is not None
        (one,) = await fetches.claim(tx, pace, Which(4), by)
    await take_back(hydration, gone)
    ours = Source(key="ads", kind="meta", secret=("s",))
    content = Content(Arrival(ITEM, b"late", {"phone": "1"}))
    await Settling(hydration.runtime()).settle(one, by, content, 0.5, ours)
    assert hydration.published() == []
    assert await kept(hydration) == []


async def test_what_was_given_up_is_not_asked_for_again(hydration: Hydration) -> None:
    hydration.graph.moods[ITEM] = "misses"
    (gone,) = await hydration.note(ITEM)
    for _ in range(6):
        await hydration.later(hours=1)
    assert [lead.held for lead in hydration.published()] == ["unreadable_at_platform"]
    await take_back(hydration, gone)
    hydration.graph.moods.clear()
    asked = hydration.graph.asked[ITEM]
    released = Activity(
        derived_id("r"), "staff.released", hydration.now, submission_id=gone.submission_id
    )
    async with hydration.database.transaction() as tx:
        await hydration.stage.handle(
            tx, [Event(released.activity_id, gone.submission_id, hydration.now, released)]
        )
    await hydration.later(hours=1)
    assert hydration.graph.asked[ITEM] == asked
    assert await kept(hydration) == []
