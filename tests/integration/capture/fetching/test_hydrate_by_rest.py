"""LinkedIn's and HubSpot's leads come by id only too: whatever their APIs do, each exactly once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from libs.common.database import Database
from tests.doubles import linkedin
from tests.doubles.hubspot import HubSpot
from tests.doubles.linkedin import LinkedIn
from tests.integration.capture.fetching.hydration import Hydration

REFUSALS = {"linkedin": "401/65602", "hubspot": "EXPIRED_AUTHENTICATION"}


def _hydration(kind: str, database: Database, folder: Path) -> Hydration:
    made = Hydration(database, folder, kind, LinkedIn() if kind == "linkedin" else HubSpot())
    made.configure()
    return made


@pytest.fixture(params=["linkedin", "hubspot"])
async def hydration(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> AsyncIterator[Hydration]:
    made = _hydration(request.param, database, tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def leads(database: Database, tmp_path: Path) -> AsyncIterator[Hydration]:
    made = _hydration("linkedin", database, tmp_path)
    yield made
    await made.close()


def api_of(hydration: Hydration) -> LinkedIn:
    assert isinstance(hydration.graph, LinkedIn)
    return hydration.graph


def items_of(hydration: Hydration, count: int) -> list[str]:
    """Ids as the platform's: HubSpot's are of an account and a contact."""
    before = "12345678:" if hydration.kind == "hubspot" else ""
    return [f"{before}{1_000_000 + n}" for n in range(count)]


async def test_content_comes_once_and_no_token_is_in_an_address(hydration: Hydration) -> None:
    (item,) = items_of(hydration, 1)
    (first,) = await hydration.note(item)
    await hydration.run()
    await hydration.note(item)
    await hydration.later(hours=2)
    (second,) = hydration.published()
    assert (second.submission_id, second.revision) == (first.submission_id, 2)
    assert second.fields == {
        "first_name": "نیلوفر",
        "last_name": "1000000",
        "phone": "+989121000000",
    }
    assert hydration.graph.asked["1000000"] == 1
    assert all("token-1" not in path for path in hydration.graph.paths)
    if hydration.kind == "linkedin":
        assert second.extra == {"کدام خدمت؟": "سئو"}
        assert second.attribution.utm == {"source": "linkedin"}


@pytest.mark.parametrize("mood", ["fails", "cuts", "garbles"])
async def test_an_api_in_trouble_is_asked_again(hydration: Hydration, mood: str) -> None:
    hydration.graph.mood = mood
    await hydration.note(*items_of(hydration, 1))
    await hydration.run(2)
    hydration.graph.mood = "well"
    await hydration.later(minutes=2)
    assert [lead.held for lead in hydration.published()] == [None]
    assert await hydration.reason() is None


async def test_a_day_s_outage_loses_nothing(hydration: Hydration) -> None:
    hydration.graph.mood = "fails"
    items = items_of(hydration, 12)
    await hydration.note(*items)
    for _ in range(24):
        await hydration.later(hours=1)
    assert hydration.graph.asked.total() <= 40, "the API was not left in peace"
    assert await hydration.waiting() == 12
    hydration.graph.mood = "well"
    await hydration.later(minutes=1)
    for _ in range(12):
        await hydration.later(seconds=1)
    found = [lead.fields["phone"][-7:] for lead in hydration.published()]
    assert sorted(found) == [item[-7:] for item in items]


async def test_a_throttled_source_is_left_in_peace(hydration: Hydration) -> None:
    hydration.graph.mood = "throttles"
    wait = 10 if hydration.kind == "hubspot" else 60
    await hydration.note(*items_of(hydration, 1))
    await hydration.run()
    told = [hydration.now + timedelta(seconds=wait)] if wait > 30 else []
    assert hydration.waits() == told
    await hydration.later(seconds=wait - 1)
    assert hydration.graph.asked["1000000"] == 1
    hydration.graph.mood = "well"
    await hydration.later(seconds=2)
    assert len(hydration.published()) == 1


async def test_an_expired_token_stops_the_source_and_burns_no_lead(hydration: Hydration) -> None:
    hydration.graph.tokens = {"token-2"}
    await hydration.note(*items_of(hydration, 3))
    await hydration.run(3)
    asked = hydration.graph.asked.total()
    await hydration.later(minutes=1)
    assert hydration.graph.asked.total() == asked
    assert hydration.words() == [("source.paused", REFUSALS[hydration.kind])]
    assert await hydration.waiting() == 3
    hydration.configure("token-2")
    await hydration.run(2)
    await hydration.later(seconds=1)
    assert len(hydration.published()) == 3
    assert [word for word, _ in hydration.words()] == ["source.paused", "source.resumed"]


async def test_until_when_a_stopped_source_is_not_asked_is_told_with_each_probe(
    hydration: Hydration,
) -> None:
    hydration.graph.tokens = {"token-2"}
    await hydration.note(*items_of(hydration, 1))
    await hydration.run(2)
    first = hydration.now + timedelta(minutes=5)
    assert hydration.waits() == [first]
    await hydration.later(minutes=6)
    assert hydration.waits() == [first, hydration.now + timedelta(minutes=10)]
    hydration.configure("token-2")
    await hydration.run(2)
    assert len(hydration.waits()) == 2


async def test_what_is_not_there_is_held(hydration: Hydration) -> None:
    gone, good = items_of(hydration, 2)
    hydration.graph.moods["1000000"] = "misses"
    await hydration.note(gone, good)
    await hydration.run()
    for _ in range(10):
        await hydration.later(minutes=10)
    held = {lead.fields.get("last_name"): lead.held for lead in hydration.published()}
    assert held == {None: "unreadable_at_platform", "1000001": None}


async def test_a_form_is_asked_for_once_however_many_leads_it_brings(leads: Hydration) -> None:
    for item in items_of(leads, 4):
        await leads.note(item)
        await leads.later(seconds=1)
    assert len(leads.published()) == 4
    assert leads.graph.asked[linkedin.FORM] == 1


async def test_a_form_that_cannot_be_read_is_asked_for_again(leads: Hydration) -> None:
    leads.graph.moods[linkedin.FORM] = "garbles"
    await leads.note(*items_of(leads, 1))
    await leads.run()
    assert leads.published() == []
    leads.graph.moods.clear()
    await leads.later(minutes=1)
    assert [lead.held for lead in leads.published()] == [None]


async def test_answers_to_a_form_that_is_gone_are_held_with_all_that_was_said(
    leads: Hydration,
) -> None:
    leads.graph.moods[linkedin.FORM] = "misses"
    await leads.note(*items_of(leads, 1))
    for _ in range(5):
        await leads.later(minutes=10)
    (lead,) = leads.published()
    assert lead.held == "unexpected_shape"
    assert lead.extra["question 3"] == "+989121000000"


async def test_a_wait_that_linkedin_names_is_kept(leads: Hydration) -> None:
    leads.graph.mood = "throttles"
    api_of(leads).retry_after = "600"
    await leads.note(*items_of(leads, 1))
    await leads.run()
    await leads.later(seconds=590)
    assert leads.graph.asked["1000000"] == 1


async def test_a_version_that_is_switched_off_stops_the_source_and_another_is_tried_at_once(
    leads: Hydration,
) -> None:
    api_of(leads).versions = {"202701"}
    await leads.note(*items_of(leads, 2))
    await leads.run(2)
    assert [word for word, _ in leads.words()] == ["source.paused"]
    leads.configure(more=", api_version: '202701'")
    await leads.run(2)
    await leads.later(seconds=1)
    assert len(leads.published()) == 2
