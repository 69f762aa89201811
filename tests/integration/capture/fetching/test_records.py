"""Forms of one contact (HubSpot): each is told once, and all are taken back with the contact."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from libs.common.database import Database
from libs.common.erasing import SUBMISSION_ERASED
from libs.common.events import Activity, Event, LeadCaptured, derived_id, encode
from libs.common.log import Partition, Stored
from services.capture.door.door import submission_id_of
from services.capture.fetching.records import Part
from services.capture.stage import word_of
from tests.doubles.hubspot import HubSpot, contact
from tests.integration.capture.fetching.hydration import START, Hydration

CONTACT = "12345678:1000000"
OF_IT = submission_id_of("hubspot", "ads", CONTACT)
FORM, AGAIN = f"{CONTACT}:1795255200000", f"{CONTACT}:1795255290000"
BY = {FORM: START, AGAIN: START + timedelta(seconds=90)}


@pytest.fixture
async def forms(database: Database, tmp_path: Path) -> AsyncIterator[Hydration]:
    made = Hydration(database, tmp_path, "hubspot", HubSpot())
    made.configure()
    yield made
    await made.close()


def says(hydration: Hydration, message: str, versions: dict[str, Any] | None = None) -> None:
    """The contact with these words, and with what it said before."""
    whole = contact("1000000")
    whole["properties"]["message"] = message
    whole["propertiesWithHistory"] = versions or {}
    hydration.graph.leads["1000000"] = json.dumps(whole).encode()


async def filled_in(hydration: Hydration, *items: str, at: datetime | None = None) -> list[Any]:
    """Forms as the stage reads them, each at its own moment."""
    return [
        lead
        for item in items
        for lead in await hydration.note(item, occurred_at=at or BY.get(item, START))
    ]


async def take_back(hydration: Hydration, moment: datetime | None = None) -> list[LeadCaptured]:
    """The word that the contact is deleted, read by the stage; what follows from it."""
    return await answered(hydration, word_of(Part(OF_IT, "hubspot", "ads", moment), START))


async def answered(hydration: Hydration, *events: Event) -> list[LeadCaptured]:
    async with hydration.database.transaction() as tx:
        answers = await hydration.stage.handle(tx, events)
    said = [event.data for answer in answers for event in answer.events]
    assert all(isinstance(each, LeadCaptured) and each.withdrawn for each in said)
    return [each for each in said if isinstance(each, LeadCaptured)]


async def test_a_known_contact_s_second_form_is_told_with_its_own_words(forms: Hydration) -> None:
    says(forms, "مشاوره")
    await filled_in(forms, FORM)
    await forms.run()
    says(forms, "قیمت؟")
    await filled_in(forms, AGAIN)
    await forms.later(seconds=90)
    told = [(lead.fields["message"], lead.occurred_at) for lead in forms.published()]
    assert told == [("مشاوره", BY[FORM]), ("قیمت؟", BY[AGAIN])]


@pytest.mark.parametrize("order", [(FORM, AGAIN), (AGAIN, FORM)])
async def test_two_forms_that_are_read_after_both_and_out_of_order_keep_their_words(
    forms: Hydration, order: tuple[str, ...]
) -> None:
    moments = [BY[item].isoformat() for item in (AGAIN, FORM)]
    versions = {
        "recent_conversion_date": [{"value": at, "timestamp": at} for at in moments],
        "message": [
            {"value": text, "timestamp": at}
            for text, at in zip(("قیمت؟", "مشاوره"), moments, strict=True)
        ],
    }
    says(forms, "قیمت؟", versions)
    leads = dict(zip(order, await filled_in(forms, *order), strict=True))
    await forms.run(2)
    await forms.later(seconds=1)
    said = {lead.submission_id: lead.fields["message"] for lead in forms.published()}
    assert said == {
        leads[FORM].submission_id: "مشاوره",
        leads[AGAIN].submission_id: "قیمت؟",
    }


async def test_further_words_of_one_form_bring_nobody_a_second_time(forms: Hydration) -> None:
    near = f"{CONTACT}:1795255201000"
    await filled_in(forms, FORM)
    await filled_in(forms, near, at=START + timedelta(seconds=1))
    await forms.run(2)
    await forms.later(seconds=1)
    first, second = forms.published()
    assert "phone" in first.fields
    assert (second.fields, second.held, second.hydrate) == ({}, None, False)


async def test_the_same_words_at_another_time_are_another_form(forms: Hydration) -> None:
    await filled_in(forms, FORM, AGAIN)
    await forms.run(2)
    await forms.later(seconds=1)
    assert ["phone" in lead.fields for lead in forms.published()] == [True, True]


async def test_rule_29_a_contact_that_is_deleted_takes_all_its_forms_back(
    forms: Hydration,
) -> None:
    (first,) = await filled_in(forms, FORM)
    await forms.run()
    (second,) = await filled_in(forms, AGAIN, at=START)
    (other,) = await filled_in(forms, "12345678:1000001:1795255200000")
    gone = await take_back(forms)
    assert {each.submission_id for each in gone} == {first.submission_id, second.submission_id}
    assert {(each.source, each.source_kind, each.kind) for each in gone} == {
        ("ads", "hubspot", "webhook")
    }
    await forms.later(seconds=1)
    assert [each.submission_id for each in forms.published()] == [
        first.submission_id,
        other.submission_id,
    ]
    assert await take_back(forms) == [], "the word again says nothing more"


async def test_rule_29_the_word_may_come_before_the_form(forms: Hydration) -> None:
    assert await take_back(forms) == []
    late = _of(FORM, START - timedelta(seconds=9))
    (gone,) = await answered(forms, late)
    assert gone.submission_id == late.key
    await forms.run()
    assert forms.published() == []


async def test_rule_29_the_word_still_counts_once_the_contact_s_own_submission_is_erased(
    forms: Hydration,
) -> None:
    assert await take_back(forms) == []
    said = Activity(derived_id("e"), SUBMISSION_ERASED, START, submission_id=OF_IT)
    assert await answered(forms, Event(said.activity_id, OF_IT, START, said)) == []
    late = _of(FORM, START - timedelta(seconds=9))
    assert [gone.submission_id for gone in await answered(forms, late)] == [late.key]


async def test_rule_29_a_contact_that_was_brought_back_may_be_deleted_again(
    forms: Hydration,
) -> None:
    deleted, again = START, START + timedelta(hours=1)
    assert await take_back(forms, deleted) == []
    await answered(forms, restored := _of(AGAIN, BY[AGAIN]))
    await forms.later(hours=2)
    assert await take_back(forms, deleted) == [], "its repeat says nothing more"
    assert [gone.submission_id for gone in await take_back(forms, again)] == [restored.key]


async def test_a_contact_that_was_brought_back_and_fills_in_a_form_is_there_again(
    forms: Hydration,
) -> None:
    await take_back(forms)
    assert await answered(forms, _of(AGAIN, BY[AGAIN])) == []
    await forms.later(seconds=90)
    assert len(forms.published()) == 1


async def test_rule_29_what_came_whole_is_taken_back_with_its_contact_too(
    forms: Hydration,
) -> None:
    """A workflow's call brings the contact itself."""
    early, late = _came_whole("a"), _came_whole("b")
    assert all(forms.stage.wants(_stored(event)) for event in (early, late))
    assert await answered(forms, early) == []
    assert {each.submission_id for each in await take_back(forms)} == {early.key}
    assert [each.submission_id for each in await answered(forms, late)] == [late.key]
    assert await forms.waiting() == 0


def _came_whole(name: str) -> Event:
    event = _of(name, START)
    assert isinstance(event.data, LeadCaptured)
    told = {"portal_id": "12345678", "hs_object_id": "1000000"}
    lead = structs.replace(event.data, hydrate=False, platform_id=None, extra=told)
    return structs.replace(event, data=lead)


def _stored(event: Event) -> Stored:
    record = encode(event)
    return Stored(
        Partition(record.topic, 0), 0, record.key, record.value, record.headers, event.time
    )


def _of(item: str, at: datetime) -> Event:
    """A form as an event, not noted yet."""
    lead = LeadCaptured(
        submission_id=derived_id("s", "ads", item),
        kind="webhook",
        source="ads",
        source_kind="hubspot",
        received_at=START,
        digest="d",
        raw=b"{}",
        hydrate=True,
        platform_id=item,
        occurred_at=at,
    )
    return Event(derived_id(lead.submission_id), lead.submission_id, at, lead)
