"""A platform's changed resend: a touch of its person, who gets what it brings (rule 1)."""

from __future__ import annotations

from libs.common.events import Activity, Event, SubmissionEnriched
from tests.integration.enrichment.conftest import Captured, Service

PHONE = "09123456789"


async def one(service: Service, event: Event) -> SubmissionEnriched:
    (found,) = await service.enriched(event)
    return found


async def test_rule_01_a_platforms_changed_resend_is_a_touch_of_the_same_person(
    service: Service, captured: Captured
) -> None:
    hook = {"kind": "webhook", "source": "hub", "source_kind": "standard", "key_owner": "platform"}
    first = captured({"phone": PHONE}, **hook)
    changed = captured({"phone": PHONE, "company": "نیل"}, submission_id=first.key, after=9, **hook)
    found = await one(service, first)
    (answer,) = await service.take(changed)
    data = answer.events[0].data
    assert isinstance(data, Activity)
    assert (data.type, data.person_id) == ("submission.resent", found.person_id)
    assert data.data["contact"]["company"] == "نیل"
    assert answer.events[0].key == found.person_id
    assert await service.count("submissions") == 1
    assert await service.count("touches") == 2
    later = await one(service, captured({"phone": PHONE}))
    assert later.person.company == "نیل"


async def test_rule_01_a_changed_resend_gives_its_person_what_it_brings(
    service: Service, captured: Captured
) -> None:
    hook = {"kind": "webhook", "source": "hub", "source_kind": "standard", "key_owner": "platform"}
    first = captured({"phone": PHONE}, **hook)
    new = {"phone": "09350000001", "email": "a@nil.example", "message": "تازه"}
    changed = captured(new, submission_id=first.key, after=9, **hook)
    found = await one(service, first)
    (answer,) = await service.take(changed)
    data = answer.events[0].data
    assert isinstance(data, Activity)
    assert data.data["person"]["email"] == "a@nil.example"
    assert data.data["person"]["phone"] == "+989123456789"
    assert data.data["person_version"] == found.person_version + 1
    assert data.data["touch"]["submission_id"] == first.key
    assert await service.take(changed) == [type(answer)()]
    for brought in ({"phone": "09350000001"}, {"email": "A@nil.example"}):
        assert (await one(service, captured(brought))).person_id == found.person_id


async def test_a_later_revision_s_name_comes_to_the_person_and_is_no_touch(
    service: Service, captured: Captured
) -> None:
    chat = {"kind": "chat", "source": "ig", "source_kind": "instagram", "key_owner": "platform"}
    wrote = {"handle": "instagram:178", "message": "قیمت؟"}
    first = captured(wrote, **chat)
    named = captured(
        {**wrote, "name": "سارا احمدی"}, submission_id=first.key, revision=2, body=b"{}", **chat
    )
    found = await one(service, first)
    assert found.person.name is None
    (answer,) = await service.take(named)
    data = answer.events[0].data
    assert isinstance(data, Activity)
    assert (data.type, data.person_id) == ("submission.resent", found.person_id)
    assert (data.data["supplement"], data.data["person"]["name"]) == (True, "سارا احمدی")
    assert data.data["person_version"] == found.person_version + 1
    assert await service.take(named) == [type(answer)()]
    later = await one(service, captured({**wrote, "message": "هنوز هستید؟"}, after=9, **chat))
    assert (later.person_id, later.person.name) == (found.person_id, "سارا احمدی")


async def test_rule_15_a_resend_that_names_another_person_is_for_a_human(
    service: Service, captured: Captured
) -> None:
    hook = {"kind": "webhook", "source": "hub", "source_kind": "standard", "key_owner": "platform"}
    other = await one(service, captured({"email": "b@nil.example"}))
    first = captured({"phone": PHONE}, **hook)
    mine = await one(service, first)
    changed = captured({"phone": PHONE, "email": "b@nil.example"}, submission_id=first.key, **hook)
    await service.take(changed)
    ((one_, another),) = await service.rows("SELECT person_a, person_b FROM enrichment.candidates")
    assert {str(one_), str(another)} == {mine.person_id, other.person_id}
    again = await one(service, captured({"email": "b@nil.example"}))
    assert again.person_id == other.person_id


async def test_a_resend_that_brings_the_first_contact_becomes_a_lead(
    service: Service, captured: Captured
) -> None:
    hook = {"kind": "webhook", "source": "hub", "source_kind": "standard", "key_owner": "platform"}
    first = captured({"name": "علی"}, **hook)
    assert (await one(service, first)).outcome == "activity"
    resend = captured({"name": "علی", "phone": PHONE}, submission_id=first.key, **hook)
    (answer,) = await service.take(resend)
    assert isinstance(answer.events[0].data, SubmissionEnriched)
    assert answer.events[0].data.outcome == "enriched"
    assert answer.events[0].round == 1


async def test_a_visit_s_changed_resend_says_that_it_is_one(
    service: Service, captured: Captured
) -> None:
    visit = {"kind": "activity", "source": "main", "source_kind": "site", "activity": "download"}
    first = captured({}, key_owner="platform", **visit)
    changed = captured({}, key_owner="platform", submission_id=first.key, body=b"other", **visit)
    await service.take(first)
    (answer,) = await service.take(changed)
    data = answer.events[0].data
    assert isinstance(data, Activity)
    assert (data.type, data.data["kind"]) == ("submission.resent", "activity")
