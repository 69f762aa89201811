from __future__ import annotations

import base64
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from libs.common.database.connection import BadValue
from libs.common.events import Activity, Event, SubmissionEnriched
from tests.integration.enrichment.conftest import Captured, Service, decided
from tests.plugins.statements import noted

PHONE = "09123456789"
PERSIAN_PAGE = (
    "https://www.nil.example/%D8%AE%D8%AF%D9%85%D8%A7%D8%AA/%D8%B3%D8%A6%D9%88/?utm_source=x"
)


async def one(service: Service, event: Event) -> SubmissionEnriched:
    (found,) = await service.enriched(event)
    return found


async def test_a_lead_in_persian_says_who_from_where_and_what_was_changed(
    service: Service, captured: Captured
) -> None:
    event = captured(
        {"name": "  شیدا   کریمی ", "phone": "۰۹۱۲۳۴۵۶۷۸۹", "message": "قیمت سئو؟", "شهر": "رشت"},
        page=PERSIAN_PAGE,
    )
    (answer,) = await service.take(event)
    (sent,) = answer.events
    found = sent.data
    assert isinstance(found, SubmissionEnriched)
    assert found.outcome == "enriched"
    assert found.contact.name == "شیدا کریمی"
    assert (found.contact.phone, found.contact.phone_typed) == ("+989123456789", "۰۹۱۲۳۴۵۶۷۸۹")
    assert found.contact.language == "fa"
    assert found.contact.extra == {"شهر": "رشت"}
    assert found.touch.attribution.page == "nil.example/خدمات/سئو"
    assert found.verified["phone_type"] == "mobile"
    assert found.person == found.contact
    assert found.new_person
    assert found.raw is None
    assert sent.key == found.person_id
    assert all(note.text.fa and note.text.en for note in found.notes)


@pytest.mark.parametrize(
    "case",
    [
        ({"phone": "0912"}, {}, "quarantined", "unusable_contact"),
        ({"email": "not an address"}, {}, "quarantined", "unusable_contact"),
        ({"phone": PHONE}, {"signs": ("honeypot",)}, "quarantined", "suspected_bot"),
        ({"phone": PHONE}, {"held": "unexpected_shape"}, "quarantined", "unexpected_shape"),
        ({"phone": PHONE}, {"test": True}, "test", None),
        ({"name": "علی"}, {"kind": "webhook"}, "activity", None),
        ({}, {"kind": "webhook", "hydrate": True}, "hydrating", None),
    ],
)
async def test_rule_16_what_is_held_or_nobodys_claims_nothing(
    service: Service,
    captured: Captured,
    case: tuple[dict[str, str], dict[str, Any], str, str | None],
) -> None:
    fields, given, outcome, reason = case
    event = captured(fields, body=b"\x00raw\xff", **given)
    found = await one(service, event)
    assert (found.outcome, found.reason, found.person_id) == (outcome, reason, None)
    assert found.raw == (b"\x00raw\xff" if outcome == "quarantined" else None)
    assert found.raw_size == 5
    assert await service.count("persons") == 0
    assert await service.count("identifiers") == 0
    ((state, raw),) = await service.rows(
        "SELECT l.state, s.raw FROM enrichment.ledger l"
        " JOIN enrichment.submissions s ON s.id = l.submission_id"
    )
    assert (state, bytes(raw)) == (outcome, b"\x00raw\xff")


async def test_rule_16_a_suspected_bot_does_not_swallow_the_human_after_it(
    service: Service, captured: Captured
) -> None:
    held = captured({"phone": PHONE, "name": "bot"}, signs=("too_fast",))
    assert (await one(service, held)).outcome == "quarantined"
    human = await one(service, captured({"phone": PHONE, "name": "علی"}, after=1))
    assert human.new_person
    assert human.person.name == "علی"

    answer = (await service.take(decided("released", held.key, 1)))[0].events[0]
    released = answer.data
    assert isinstance(released, SubmissionEnriched)
    assert answer.round == 1
    assert (released.outcome, released.person_id) == ("enriched", human.person_id)
    assert released.raw is None
    assert "released" in [note.code for note in released.notes]
    assert await service.count("touches") == 2


async def test_a_good_contact_beside_a_bad_one_goes_on_with_a_note(
    service: Service, captured: Captured
) -> None:
    found = await one(service, captured({"phone": "0912", "email": "a@mail.example"}))
    assert found.outcome == "enriched"
    assert "phone_unusable" in [note.code for note in found.notes]
    assert found.contact.phone is None
    assert found.contact.phone_typed == "0912"


async def test_what_is_released_is_somebody_even_without_a_usable_contact(
    service: Service, captured: Captured
) -> None:
    held = captured({"phone": "8877665", "name": "علی"})
    await service.enriched(held)
    found = await one(service, decided("released", held.key, 1))
    assert found.outcome == "enriched"
    assert found.person_id
    assert found.person.phone_typed == "8877665"


async def test_a_second_or_late_decision_changes_nothing(
    service: Service, captured: Captured
) -> None:
    held = captured({"phone": PHONE}, signs=("honeypot",))
    await service.enriched(held)
    discarded = await one(service, decided("discarded", held.key, 1, reason="spam"))
    assert (discarded.outcome, discarded.reason) == ("discarded", "spam")
    assert await service.enriched(decided("discarded", held.key, 1)) == []
    assert await service.enriched(decided("released", held.key, 1)) == []
    assert await service.enriched(held) == []
    assert (await one(service, decided("released", held.key, 2))).outcome == "enriched"
    assert await service.enriched(decided("released", held.key, 3)) == []
    (answer,) = await service.take(decided("released", str(uuid.uuid4()), 1))
    assert answer.rejected
    assert answer.rejected.reason == "submission_unknown"


async def test_rule_28_a_repeat_leaves_nothing_new_without_any_journal(
    service: Service, captured: Captured
) -> None:
    event = captured({"phone": PHONE})
    first = await service.enriched(event, event)
    assert len(first) == 1
    assert await service.enriched(event) == []
    for table in ("persons", "touches", "submissions"):
        assert await service.count(table) == 1
    assert await service.count("resends") == 0


async def test_a_replay_by_a_person_goes_its_way_again_in_its_round(
    service: Service, captured: Captured
) -> None:
    event = captured({"phone": PHONE})
    first = await one(service, event)
    again = captured({"phone": PHONE}, submission_id=event.key, rounds=1)
    assert again.id == event.id
    (answer,) = await service.take(again)
    assert answer.events[0].round == 1
    assert isinstance(answer.events[0].data, SubmissionEnriched)
    assert answer.events[0].data.person_id == first.person_id
    assert await service.count("touches") == 1


async def test_rule_01_our_key_with_another_body_is_kept_and_shown(
    service: Service, captured: Captured
) -> None:
    first = captured({"phone": PHONE}, key_owner="ours")
    other = captured({"phone": "09350000001"}, submission_id=first.key, key_owner="ours", body=b"b")
    answers = await service.take(first, other, other)
    data = answers[1].events[0].data
    assert isinstance(data, Activity)
    assert data.type == "submission.key_conflict"
    assert data.submission_id == first.key
    assert base64.b64decode(data.data["raw"]) == b"b"
    assert answers[1].events[0].key == first.key
    assert await service.take(other) == [type(answers[0])()]
    assert await service.count("submissions") == 1
    assert await service.count("persons") == 1
    ((conflict, raw),) = await service.rows("SELECT conflict, raw FROM enrichment.resends")
    assert (conflict, bytes(raw)) == (True, b"b")


async def test_fetched_content_takes_the_place_of_the_ids(
    service: Service, captured: Captured
) -> None:
    hook = {"kind": "webhook", "source": "meta", "source_kind": "meta", "key_owner": "platform"}
    ids = captured({}, hydrate=True, body=b"ids", **hook)
    content = captured({"phone": PHONE}, submission_id=ids.key, revision=2, body=b"full", **hook)
    found = await service.enriched(ids, content, ids)
    assert [f.outcome for f in found] == ["hydrating", "enriched"]
    assert await service.enriched(ids, content) == []
    ((revision, raw),) = await service.rows("SELECT revision, raw FROM enrichment.submissions")
    assert (revision, bytes(raw)) == (2, b"full")


async def test_rule_29_an_erased_submission_answers_nothing(
    service: Service, captured: Captured
) -> None:
    event = captured({"phone": PHONE}, signs=("honeypot",))
    await service.enriched(event)
    await service.rows("UPDATE enrichment.submissions SET outcome = 'erased' RETURNING id")
    other = captured({"phone": PHONE}, submission_id=event.key, body=b"x", key_owner="ours")
    answers = await service.take(event, other, decided("released", event.key, 1))
    assert [answer.events for answer in answers] == [(), (), ()]


async def test_rule_03_any_order_of_arrival_gives_the_same_person(
    service: Service, captured: Captured
) -> None:
    events = [
        captured({"phone": PHONE, "name": "علی", "message": "اول", "city": "x"}, after=3),
        captured({"phone": PHONE, "message": "دوم", "company": "نیل"}, after=1),
        captured({"phone": PHONE, "name": "Ali", "message": "سوم", "city": "y"}, after=2),
    ]
    for event in events:
        await service.enriched(event)
    found = await one(service, captured({"phone": PHONE}, after=0))
    assert found.person.name == "Ali"
    assert found.person.message == "اول"
    assert found.person.company == "نیل"
    assert found.person.extra == {"city": "y"}


async def test_text_that_breaks_databases_is_repaired(service: Service, captured: Captured) -> None:
    event = captured(
        {"phone": PHONE, "name": "a\x00b", "message": "x" * 20_000, "n\x00": "\x00"},
        extra={"deep": {"k\x00": ["\x00v", 1, None, True]}, "huge": ["y" * 70_000]},
        content_type="text/plain\x00",
        consent={"text": "z" * 20_000},
    )
    found = await one(service, event)
    assert found.contact.name == "ab"
    assert len(found.contact.message or "") == 10_000
    assert found.contact.extra == {"deep": {"k": ["v", 1, None, True]}, "n": ""}
    assert "text_cut" in [note.code for note in found.notes]


async def test_an_unreadable_submission_id_is_rejected_and_the_others_go_on(
    service: Service, captured: Captured
) -> None:
    good = captured({"phone": PHONE})
    answers = await service.take(captured({"phone": PHONE}, submission_id="no-uuid"), good)
    assert answers[0].rejected
    assert len(answers[1].events) == 1


async def test_a_slice_of_five_hundred_takes_as_many_statements_as_one(
    service: Service, captured: Captured
) -> None:
    counts: list[int] = []

    await service.enriched(captured({"phone": "09120000000"}))
    for size in (1, 500):
        batch = [
            captured({"phone": f"0912{n % 400:07d}", "email": f"p{size}-{n}@mail.example"})
            for n in range(size)
        ]
        with noted() as seen:
            assert len(await service.enriched(*batch)) == size
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 15


async def test_a_moment_before_our_years_is_not_kept(service: Service, captured: Captured) -> None:
    east = timezone(timedelta(hours=3, minutes=30))
    with pytest.raises(BadValue):
        await service.take(captured({"phone": PHONE}, occurred_at=datetime(1, 1, 1, tzinfo=east)))
    assert await service.count("touches") == 0
