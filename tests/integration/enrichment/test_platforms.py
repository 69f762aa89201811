"""What platforms send by id only, in any order; and a chat that is one person."""

from __future__ import annotations

import itertools
import uuid
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs

from libs.common.events import Activity, Attribution, Event, SubmissionEnriched
from tests.integration.enrichment.conftest import START, Captured, Service, decided
from tests.integration.enrichment.test_erasing import leaks

CHAT = {"kind": "chat", "source": "bot", "source_kind": "telegram", "key_owner": "platform"}
HOOK = {"kind": "webhook", "source": "ads", "source_kind": "meta", "key_owner": "platform"}


def revisions(captured: Captured, n: int) -> tuple[Event, Event]:
    """A submission as it came by id, and with its content."""
    known = {"submission_id": str(uuid.uuid4()), **HOOK}
    phone = {"phone": f"0912345678{n}"}
    ids = captured({}, hydrate=True, platform_id="7", body=b"ids", **known)
    return ids, captured(phone, revision=2, body=b"whole", **known)


async def test_rule_03_content_counts_once_in_whatever_order_the_revisions_come(
    service: Service, captured: Captured
) -> None:
    orders = [(0, 1), (1, 0), (0, 1, 1), (1, 0, 1), (0, 0, 1, 0), (1, 1, 0)]
    for n, order in enumerate(orders):
        both = revisions(captured, n)
        found = []
        for which in order:
            found += await service.enriched(both[which])
        ends = [each.outcome for each in found]
        assert ends in (["hydrating", "enriched"], ["enriched"]), (order, ends)
        (state,) = await service.rows(
            "SELECT outcome, revision FROM enrichment.submissions WHERE id = CAST(:id AS uuid)",
            id=both[0].key,
        )
        assert tuple(state) == ("enriched", 2)
    assert await service.count("persons") == len(orders)
    assert await service.count("touches") == len(orders)


async def test_a_replay_of_what_its_content_overtook_answers_with_what_it_is(
    service: Service, captured: Captured
) -> None:
    died, content = revisions(captured, 1)
    (first,) = await service.enriched(content)
    assert await service.enriched(died) == []
    (answer,) = await service.take(structs.replace(died, round=1))
    (event,) = answer.events
    assert isinstance(event.data, SubmissionEnriched)
    assert (event.round, event.data.outcome) == (1, "enriched")
    assert (event.data.person_id, event.data.contact.phone) == (first.person_id, "+989123456781")
    (state,) = await service.rows("SELECT round, revision, raw FROM enrichment.submissions")
    assert tuple(state) == (1, 2, b"whole")
    assert await service.enriched(content) == []
    assert await service.count("resends") == 0
    assert await service.count("persons") == 1


async def test_a_replay_of_what_was_discarded_says_so_in_its_round(
    service: Service, captured: Captured
) -> None:
    died, content = revisions(captured, 1)
    await service.take(structs.replace(content, data=structs.replace(content.data, held="by_hand")))
    await service.take(decided("discarded", content.key, 1, reason="nobody"))
    (answer,) = await service.take(structs.replace(died, round=2))
    (event,) = answer.events
    assert isinstance(event.data, SubmissionEnriched)
    assert (event.round, event.data.outcome, event.data.reason) == (2, "discarded", "nobody")


async def test_both_revisions_in_one_slice_are_one_lead(
    service: Service, captured: Captured
) -> None:
    for n, order in enumerate(itertools.permutations((0, 1))):
        both = revisions(captured, n)
        await service.enriched(*(both[which] for which in order))
    assert await service.count("persons") == 2
    assert {row[0] for row in await service.rows("SELECT state FROM enrichment.ledger")} == {
        "enriched"
    }


async def test_what_nobody_can_read_ends_in_quarantine_with_its_first_bytes(
    service: Service, captured: Captured
) -> None:
    known = {"submission_id": str(uuid.uuid4()), **HOOK}
    await service.take(captured({}, hydrate=True, body=b"ids", **known))
    held = captured({}, revision=2, held="unreadable_at_platform", body=b"", **known)
    (found,) = await service.enriched(held)
    assert (found.outcome, found.reason) == ("quarantined", "unreadable_at_platform")
    ((raw,),) = await service.rows("SELECT raw FROM enrichment.submissions")
    assert raw == b"ids"


async def test_rule_16_a_release_makes_nobody_of_what_has_no_content_and_its_content_does(
    service: Service, captured: Captured
) -> None:
    known = {"submission_id": str(uuid.uuid4()), **HOOK}
    await service.take(captured({}, hydrate=True, body=b"ids", **known))
    held = captured({}, revision=2, held="unreadable_at_platform", body=b"gone", **known)
    await service.enriched(held)
    (asked,) = await service.enriched(decided("released", held.key, rounds=1))
    assert (asked.outcome, asked.reason) == ("quarantined", "unreadable_at_platform")
    assert [note.code for note in asked.notes][-1] == "asked_again"
    assert await service.count("persons") == 0
    whole = captured({"phone": "09123456780"}, revision=3, body=b"whole", **known)
    (found,) = await service.enriched(whole)
    assert (found.outcome, found.person.phone) == ("enriched", "+989123456780")
    assert await service.enriched(whole) == []


async def test_one_chat_is_one_person_and_its_own_number_is_theirs(
    service: Service, captured: Captured
) -> None:
    handle = {"handle": "telegram:5123456789", "first_name": "پریسا"}
    sent = START - timedelta(hours=5)
    start = captured(handle, occurred_at=sent, **CHAT)
    shared = captured({**handle, "phone": "989127776655"}, proven=("phone",), after=1, **CHAT)
    said = captured({**handle, "message": "قیمت؟"}, after=2, **CHAT)
    found = [each for event in (start, shared, said) for each in await service.enriched(event)]
    assert len({each.person_id for each in found}) == 1
    assert found[0].touch.at == sent
    assert found[1].verified["phone_verified"] is True
    assert (found[2].person.phone, found[2].person.message) == ("+989127776655", "قیمت؟")
    formed = captured({"phone": "09127776655", "name": "پریسا م."}, after=3)
    (joined,) = await service.enriched(formed)
    assert joined.person_id == found[0].person_id
    bale = captured({"handle": "bale:5123456789"}, after=4, **(CHAT | {"source_kind": "bale"}))
    (other,) = await service.enriched(bale)
    assert other.person_id != found[0].person_id


async def test_a_chat_that_a_scan_began_is_of_the_code_s_page(
    service: Service, captured: Captured
) -> None:
    came = Attribution(page_url="https://nil.example/expo", qr="expo26", scan="tok")
    scan = {"kind": "qr", "source": "expo26", "source_kind": "qr", "activity": "qr_scan"}
    await service.take(captured({}, attribution=came, **scan))
    for token, page in (("tok", "nil.example/expo"), ("other", "nil.example/telegram")):
        came = Attribution(page_url="nil.example/telegram", scan=token)
        fields = {"handle": f"telegram:{token}"}
        (said,) = await service.enriched(captured(fields, attribution=came, **CHAT))
        assert said.touch.attribution.page == page
    assert said.touch.attribution.qr is None


async def test_a_comment_waits_for_its_author_and_is_told_once_they_write(
    service: Service, captured: Captured
) -> None:
    own = {"source": "ig", "source_kind": "instagram", "key_owner": "platform"}
    fields = {"handle": "instagram:1784", "message": "چند؟"}
    comment = captured(
        fields, kind="activity", activity="comment", extra={"data": {"text": "چند؟"}}, **own
    )
    (alone,) = await service.enriched(comment)
    assert (alone.outcome, alone.person_id) == ("activity", None)
    answers = await service.take(
        captured({"handle": "instagram:1784", "message": "سلام"}, kind="chat", after=60, **own)
    )
    told = [event.data for answer in answers for event in answer.events]
    (enriched,) = [data for data in told if isinstance(data, SubmissionEnriched)]
    (activity,) = [data for data in told if isinstance(data, Activity)]
    assert enriched.outcome == "enriched"
    assert (activity.type, activity.person_id) == ("comment", enriched.person_id)
    assert activity.data == {"text": "چند؟"}


@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize("phone", [{}, {"phone": "09121112244"}])
async def test_rule_29_a_comment_that_is_removed_is_gone_whichever_comes_first(
    service: Service, captured: Captured, phone: dict[str, str], *, is_first: bool
) -> None:
    own = {"source": "ig", "source_kind": "instagram", "key_owner": "platform"}
    said = {"handle": "facebook:612", "message": "چند؟ کاناری", **phone}
    is_lead: dict[str, Any] = {} if phone else {"activity": "comment"}
    kind = "chat" if phone else "activity"
    comment = captured(said, kind=kind, body="کاناری".encode(), **is_lead, **own)
    gone = captured(
        submission_id=comment.key, body=b"", kind="chat", withdrawn=True, after=30, **own
    )
    outcomes = []
    for event in (gone, comment) if is_first else (comment, gone):
        outcomes += [each.outcome for each in await service.enriched(event)]
    before = [] if is_first else ["enriched" if phone else "activity"]
    assert outcomes == [*before, "erased"]
    assert await leaks(service) == []
    later = captured({"handle": "facebook:612", "message": "سلام"}, kind="chat", after=60, **own)
    told = [event.data for answer in await service.take(later) for event in answer.events]
    assert [each.outcome for each in told if isinstance(each, SubmissionEnriched)] == ["enriched"]
    assert not [each for each in told if isinstance(each, Activity)]
