"""What a platform or staff take back: gone from every table, whenever the word comes."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from libs.common.erasing import PERSON_ERASED, SUBMISSION_ERASED, Erasure, erasure_in
from libs.common.events import Activity, Attribution, Event, SubmissionEnriched
from tests.integration.enrichment.conftest import START, Captured, Service, decided

PHONE, OTHER = "09123456789", "09350000001"
HOOK = {"kind": "webhook", "source": "li", "source_kind": "standard", "key_owner": "platform"}
TOLD = {"phone": PHONE, "name": "بهار کاناری", "message": "رازی که گفتم", "email": "b@nil.example"}
CANARIES = ("9123456789", "بهار کاناری", "رازی که گفتم", "b@nil.example", "visitor-7")
TABLES = ("submissions", "persons", "identifiers", "touches", "resends", "visits", "visit_keys",
          "carried", "scans", "candidates", "receipts", "timers")  # fmt: skip


def withdrawn(captured: Captured, submission_id: str, **more: Any) -> Event:
    return captured(submission_id=submission_id, body=b"", withdrawn=True, **HOOK, **more)


def asked(person_id: str, reason: str = "خودش خواست") -> Event:
    identity = str(uuid.uuid4())
    data = Activity(identity, "staff.erased", START, "mina", person_id, data={"reason": reason})
    return Event(identity, person_id, START, data)


async def leaks(service: Service) -> list[str]:
    """Rows in which something is left of what was told."""
    found = []
    for table in TABLES:
        rows = await service.rows(
            f"SELECT row_to_json(t)::text || coalesce(convert_from({_raw(table)}, 'UTF8'), '')"
            f" FROM enrichment.{table} t"
        )
        found += [f"{table}: {row[0]}" for row in rows for one in CANARIES if one in row[0]]
    return found


def _raw(table: str) -> str:
    return "t.raw" if table in ("submissions", "resends") else "NULL::bytea"


async def told(service: Service, *batch: Event) -> tuple[list[SubmissionEnriched], list[Activity]]:
    """What was said of submissions, and of persons."""
    data = [event.data for answer in await service.take(*batch) for event in answer.events]
    return (
        [one for one in data if isinstance(one, SubmissionEnriched)],
        [one for one in data if isinstance(one, Activity)],
    )


async def test_rule_29_a_submission_taken_back_leaves_a_tombstone_and_no_person(
    service: Service, captured: Captured
) -> None:
    seen = Attribution(page_url="https://nil.example/x", visitor_id="visitor-7")
    first = captured(TOLD, attribution=seen, **HOOK)
    (known,) = await service.enriched(first)
    changed = captured({**TOLD, "company": "نیل"}, submission_id=first.key, after=9, **HOOK)
    await service.take(changed)
    ended, (person,) = await told(service, withdrawn(captured, first.key))
    assert [(one.outcome, one.submission_id, one.person_id) for one in ended] == [
        ("erased", first.key, known.person_id)
    ]
    assert person.type == PERSON_ERASED
    assert erasure_in(person) == Erasure(persons=(known.person_id or "",), submissions=(first.key,))
    assert await leaks(service) == []
    assert await service.count("identifiers") == 0


async def test_rule_29_the_word_may_come_first_and_its_content_is_never_stored(
    service: Service, captured: Captured
) -> None:
    first = captured(TOLD, **HOOK)
    ended, persons = await told(service, withdrawn(captured, first.key))
    assert [one.outcome for one in ended] == ["erased"]
    assert persons == []
    for rounds in (0, 1, 2):
        replayed = captured(TOLD, submission_id=first.key, rounds=rounds, **HOOK)
        assert await told(service, replayed) == ([], [])
    later = captured(TOLD, submission_id=first.key, revision=2, **HOOK)
    assert await told(service, later) == ([], [])
    assert await told(service, decided("released", first.key, 3)) == ([], [])
    assert await leaks(service) == []
    assert await service.count("persons") == 0


async def test_rule_29_in_one_slice_the_word_comes_before_the_content_in_either_order(
    service: Service, captured: Captured
) -> None:
    for turn in (False, True):
        first = captured(TOLD, **HOOK)
        batch = [first, withdrawn(captured, first.key)]
        ended, persons = await told(service, *(batch[::-1] if turn else batch))
        assert [one.outcome for one in ended] == ["erased"]
        assert persons == []
    assert await leaks(service) == []


async def test_rule_29_both_at_once_in_two_partitions_leave_no_content(
    database: Any, captured: Captured
) -> None:
    for _ in range(8):
        first = captured(TOLD, **HOOK)
        one, other = Service(database), Service(database)
        await asyncio.gather(one.take(first), other.take(withdrawn(captured, first.key)))
        assert await leaks(one) == []


async def test_what_another_submission_gives_too_stays_with_the_person(
    service: Service, captured: Captured
) -> None:
    gone = captured(TOLD, **HOOK)
    stays = captured({"phone": PHONE, "company": "نیل", "name": "ب"}, after=60)
    (known,) = await service.enriched(gone)
    await service.take(stays)
    (ended,), (person,) = await told(service, withdrawn(captured, gone.key))
    assert (ended.outcome, ended.person_id) == ("erased", known.person_id)
    assert (person.type, person.submission_id) == (SUBMISSION_ERASED, gone.key)
    erasure = erasure_in(person)
    assert erasure is not None
    assert (erasure.person.name, erasure.person.company, erasure.person.email) == ("ب", "نیل", None)
    assert erasure.person.phone == "+989123456789"
    assert erasure.person_version == 3
    assert [touch.submission_id for touch in erasure.touches] == [stays.key]
    assert [row[0] for row in await service.rows("SELECT kind FROM enrichment.identifiers")] == [
        "phone"
    ]
    (mail,) = await service.enriched(captured({"email": TOLD["email"]}))
    assert mail.new_person
    (again,) = await service.enriched(captured({"phone": PHONE}))
    assert (again.person_id, again.person.name, again.person_version) == (known.person_id, "ب", 4)


async def test_staff_erase_a_person_with_all_that_were_joined_into_it(
    service: Service, captured: Captured
) -> None:
    (by_phone,) = await service.enriched(captured({"phone": PHONE, "name": "بهار کاناری"}))
    (by_mail,) = await service.enriched(captured({"email": "b@nil.example"}, after=5))
    await service.take(captured(TOLD, after=9))
    visit = Attribution(page_url="https://nil.example/x", visitor_id="visitor-7")
    await service.take(captured(TOLD, after=12, attribution=visit))
    await service.take(captured(kind="activity", activity="page_view", attribution=visit))
    ended, (person,) = await told(service, asked(by_mail.person_id or ""))
    assert {one.outcome for one in ended} == {"erased"}
    assert len(ended) == 4
    erasure = erasure_in(person)
    assert erasure is not None
    assert erasure.persons == (by_phone.person_id, by_mail.person_id)
    assert (person.actor, erasure.reason) == ("mina", "خودش خواست")
    assert await leaks(service) == []
    states = await service.rows("SELECT DISTINCT outcome FROM enrichment.submissions")
    assert [row[0] for row in states] == ["erased"]
    assert await told(service, asked(by_phone.person_id or "")) == ([], [])


async def test_what_is_held_of_an_erased_person_goes_with_them(
    service: Service, captured: Captured
) -> None:
    bot = {"signs": ("honeypot",)}
    chat = {"kind": "chat", "source": "tg", "source_kind": "telegram"}
    (known,) = await service.enriched(captured({**TOLD, "handle": "Bahar"}, **chat))
    held = [
        captured({"phone": "۰۹۱۲ ۳۴۵ ۶۷۸۹", "message": "رازی که گفتم"}, **bot),
        captured({"phone": OTHER, "email": "B@NIL.example"}, **bot),
        captured({"handle": "bahar", "name": "بهار کاناری"}, **chat, **bot),
        captured({"phone": PHONE, "name": "بهار کاناری"}, test=True),
    ]
    others = [
        captured({"phone": OTHER}, **bot),
        captured({"handle": "bahar"}, **{**chat, "source_kind": "bale"}, **bot),
    ]
    await service.take(*held, *others)
    await service.take(decided("discarded", held[0].key, 1))
    ended, (person,) = await told(service, asked(known.person_id or ""))
    assert {one.submission_id for one in ended} == {known.submission_id, *(one.key for one in held)}
    assert {one.person_id for one in ended if one.submission_id != known.submission_id} == {None}
    assert person.type == PERSON_ERASED
    assert await leaks(service) == []
    for one in held:
        assert await told(service, decided("released", one.key, 5)) == ([], [])
    (kept,) = await service.enriched(decided("released", others[0].key, 1))
    assert kept.contact.phone == "+989350000001"
    assert await told(service, *held) == ([], [])
    assert await leaks(service) == []


async def test_what_came_under_somebody_elses_key_and_names_an_erased_person_goes_with_them(
    service: Service, captured: Captured
) -> None:
    first = captured({"phone": OTHER, "name": "رضا"}, key_owner="ours")
    key = {"submission_id": first.key, "key_owner": "ours"}
    theirs = [captured(TOLD, **key), captured({"email": "B@NIL.example"}, **key)]
    before_this_release = captured({"phone": "۰۹۱۲ ۳۴۵ ۶۷۸۹"}, **key)
    others = captured({"phone": OTHER, "name": "بهروز"}, **key)
    (known, *_) = await service.enriched(captured(TOLD), first)
    _, conflicts = await told(service, *theirs, before_this_release, others)
    await service.rows(
        "UPDATE enrichment.resends SET contact = NULL WHERE event_id = CAST(:id AS uuid)"
        " RETURNING 1",
        id=before_this_release.id,
    )
    _, (person,) = await told(service, asked(known.person_id or ""))
    erasure = erasure_in(person)
    assert erasure is not None
    assert set(erasure.conflicts) == {one.activity_id for one in conflicts[:3]}
    assert await leaks(service) == []
    for batch in (theirs, [before_this_release]):
        assert await told(service, *batch) == ([], []), "nor when it is told again"
    assert await leaks(service) == []
    ((kept,),) = await service.rows(
        "SELECT captured -> 'fields' ->> 'name' FROM enrichment.resends WHERE raw <> ''"
    )
    assert kept == "بهروز"


async def test_a_person_erased_while_something_of_theirs_is_released(
    database: Any, captured: Captured
) -> None:
    for _ in range(6):
        one, other = Service(database), Service(database)
        (known,) = await one.enriched(captured(TOLD))
        held = captured({"phone": PHONE, "name": "بهار کاناری"}, signs=("honeypot",))
        await one.take(held)
        await asyncio.gather(
            one.take(decided("released", held.key, 1)), other.take(asked(known.person_id or ""))
        )
        assert await leaks(one) == []


async def test_whoever_was_erased_comes_back_as_somebody_new(
    service: Service, captured: Captured
) -> None:
    (before,) = await service.enriched(captured(TOLD))
    await service.take(asked(before.person_id or ""))
    named = {"person_id": before.person_id or ""}
    await service.take(captured(named, kind="activity", activity="trial_start"))
    (after,) = await service.enriched(captured(TOLD))
    assert after.new_person
    assert after.person_id != before.person_id


async def test_rule_29_all_that_was_ever_told_is_told_again_and_brings_nobody_back(
    service: Service, captured: Captured
) -> None:
    seen = Attribution(page_url="https://nil.example/x", visitor_id="visitor-7")
    first = captured(TOLD, attribution=seen, **HOOK)
    second = captured({**TOLD, "company": "نیل"}, after=30)
    visit = captured(kind="activity", activity="page_view", attribution=seen, after=40)
    resent = captured({**TOLD, "city": "یزد"}, submission_id=first.key, after=50, **HOOK)
    everything = [first, second, visit, resent]
    (known, *_) = await service.enriched(*everything)
    await service.take(asked(known.person_id or ""))
    for batch in ([*everything], everything[::-1], *([one] for one in everything)):
        assert await told(service, *batch) == ([], [])
    assert await leaks(service) == []


async def test_what_is_held_or_fetched_is_taken_back_too(
    service: Service, captured: Captured
) -> None:
    held = captured(TOLD, held="unexpected_shape", **HOOK)
    fetched = captured(extra={"ref": "رازی که گفتم"}, hydrate=True, platform_id="7", **HOOK)
    await service.take(held, fetched)
    ended, persons = await told(
        service, withdrawn(captured, held.key), withdrawn(captured, fetched.key)
    )
    assert [one.outcome for one in ended] == ["erased", "erased"]
    assert persons == []
    assert await leaks(service) == []


async def test_a_word_about_nobody_is_a_dead_letter(service: Service) -> None:
    for person, reason in ((str(uuid.uuid4()), "person_unknown"), ("x", "erasure_of_nothing")):
        (answer,) = await service.take(asked(person))
        assert answer.rejected is not None
        assert answer.rejected.reason == reason


async def test_a_person_erased_while_they_post_again_is_one_or_the_other(
    database: Any, captured: Captured
) -> None:
    for _ in range(6):
        one, other = Service(database), Service(database)
        (known,) = await one.enriched(captured(TOLD))
        again = captured({"phone": PHONE, "email": f"{uuid.uuid4()}@nil.example"})
        (came,), _ = await asyncio.gather(
            one.enriched(again), other.take(asked(known.person_id or ""))
        )
        living = await one.rows("SELECT id FROM enrichment.persons WHERE erased_at IS NULL")
        kept = await one.rows("SELECT 1 FROM enrichment.submissions WHERE outcome <> 'erased'")
        assert len(living) == len(kept) == (came.person_id != known.person_id)
        for row in living:
            await one.take(asked(str(row[0])))
        assert await leaks(one) == []
