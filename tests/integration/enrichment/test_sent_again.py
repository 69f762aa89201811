"""What has no id but its content: the same soon after is a repeat (decision 0022)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from libs.common.erasing import ASKED
from libs.common.events import Activity, Event, SubmissionEnriched
from tests.integration.enrichment.conftest import START, Captured, Service
from tests.integration.enrichment.test_erasing import HOOK

FIELDS = {"name": "نیلوفر", "phone": "09121110001"}


class Form:
    """The same content of one source, again and again."""

    def __init__(self, captured: Captured) -> None:
        self._captured = captured
        self.id = str(uuid.uuid4())

    def sent(self, after: float, **more: Any) -> Event:
        message = str(uuid.uuid4())
        return self._captured(
            FIELDS,
            submission_id=self.id,
            message=message,
            body=message.encode(),
            after=after,
            again_after=60,
            kind="webhook",
            source="site",
            source_kind="elementor",
            key_owner="platform",
            **more,
        )


@pytest.fixture
def form(captured: Captured) -> Form:
    return Form(captured)


async def told(service: Service, *batch: Event) -> list[Any]:
    return [event.data for answer in await service.take(*batch) for event in answer.events]


async def counted(service: Service) -> list[tuple[str, float]]:
    rows = await service.rows("SELECT id::text, received_at FROM enrichment.submissions ORDER BY 2")
    return [(row[0], (row[1] - START).total_seconds()) for row in rows]


async def test_a_repeat_across_the_turn_of_a_minute_is_none_of_its_own(
    service: Service, form: Form
) -> None:
    (first,) = await told(service, form.sent(50))
    assert (first.submission_id, first.outcome) == (form.id, "enriched")
    assert await told(service, form.sent(70)) == []
    assert await told(service, form.sent(109.9), form.sent(-9.9)) == []
    later = form.sent(110)
    (again,) = await told(service, later)
    assert isinstance(again, SubmissionEnriched)
    assert again.submission_id == getattr(later.data, "message", None)
    assert (again.person_id, again.new_person) == (first.person_id, False)
    assert await told(service, form.sent(169), form.sent(150)) == []
    assert [at for _, at in await counted(service)] == [50, 110]
    assert await service.count("touches") == 2
    assert await service.count("resends") == 0
    assert await service.rows(
        "SELECT submission_id::text, conversation::text FROM enrichment.apart"
    ) == [(again.submission_id, form.id)]


async def test_five_at_once_of_several_doors_count_one_however_they_are_read(
    service: Service, form: Form
) -> None:
    # they are of one key, so of one partition: its slices come one after another
    five = [form.sent(59 + n / 2) for n in (4, 0, 2, 1, 3)]
    answers = await told(service, *five[:2]) + await told(service, *five[2:])
    assert [one.submission_id for one in answers] == [form.id]
    assert [at for _, at in await counted(service)] == [61]


async def test_what_is_read_again_is_nothing_new(service: Service, form: Form) -> None:
    events = [form.sent(at) for at in (50, 70, 200, 230, 1000)]
    await told(service, *events)
    before = await counted(service)
    assert [at for _, at in before] == [50, 200, 1000]
    for event in reversed(events):
        assert await told(service, event) == []
    assert await counted(service) == before


async def test_a_repeat_of_what_is_held_is_held_with_it_and_a_later_one_by_itself(
    service: Service, form: Form
) -> None:
    (first,) = await told(service, form.sent(0, held="other_form"))
    assert await told(service, form.sent(30, held="other_form")) == []
    (later,) = await told(service, form.sent(90))
    assert (first.outcome, later.outcome) == ("quarantined", "enriched")


async def test_after_an_erasure_a_repeat_is_nothing_and_who_sends_it_anew_reaches_somebody(
    service: Service, form: Form
) -> None:
    (first,) = await told(service, form.sent(0))
    asked = Activity(str(uuid.uuid4()), ASKED, START, actor="mina", person_id=first.person_id)
    await service.take(Event(asked.activity_id, first.person_id, START, asked))
    (erased_at,) = (await service.rows("SELECT changed_at FROM enrichment.submissions"))[0]
    passed = (erased_at - START).total_seconds()
    assert await told(service, form.sent(20), form.sent(passed - 1)) == []
    (anew,) = await told(service, form.sent(passed + 100))
    assert (anew.outcome, anew.contact.phone) == ("enriched", "+989121110001")
    assert anew.person_id != first.person_id


async def test_what_is_taken_back_is_gone_with_all_that_was_sent_under_its_id(
    service: Service, form: Form, captured: Captured
) -> None:
    first, later, last = await told(service, form.sent(0), form.sent(90), form.sent(200))
    taken = captured(submission_id=form.id, body=b"", withdrawn=True, after=300, **HOOK)
    ended = {one.submission_id for one in await told(service, taken) if one.submission_id}
    assert ended == {first.submission_id, later.submission_id, last.submission_id}
    rows = await service.rows("SELECT DISTINCT outcome FROM enrichment.submissions")
    assert [row[0] for row in rows] == ["erased"]
    assert await service.count("touches") == await service.count("identifiers") == 0
    assert await told(service, form.sent(200), form.sent(120)) == []
