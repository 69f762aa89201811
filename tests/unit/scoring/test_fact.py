from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from libs.common.errors import Reject
from libs.common.events import Activity, Attribution, Contact, SubmissionEnriched, Touch
from services.scoring.arrival import Arrival, arrival, identities
from services.scoring.fact import MOST_BYTES, MOST_TEXT, of_activity, of_submission
from services.scoring.story import story

NOW = datetime(2026, 11, 22, tzinfo=UTC)
A, B, C, D = (f"00000000-0000-0000-0000-00000000000{n}" for n in "abcd")


def _activity(kind: str = "page_view", person: str | None = A, **more: object) -> Activity:
    return Activity(activity_id="x", type=kind, at=NOW, person_id=person, **more)  # type: ignore[arg-type]  # by name


def _enriched(**more: object) -> SubmissionEnriched:
    values = {"submission_id": B, "outcome": "enriched", "touch": Touch(B, "form", "c", NOW)}
    return SubmissionEnriched(**(values | {"person_id": A} | more))  # type: ignore[arg-type]  # by name


def test_clocks_and_strangers_leave_no_fact() -> None:
    assert of_activity(_activity("timer.sla_due")) is None
    assert of_activity(_activity(person=None)) is None
    fact = of_activity(_activity("staff.won"))
    assert fact is not None
    assert fact.kind == "staff"


def test_a_visitor_is_not_believed_to_be_of_the_staff() -> None:
    for kind in ("staff.qualified", " Staff.Qualified", "submission.resent"):
        assert of_activity(_activity(kind, actor="visitor")) is None
    assert of_activity(_activity("staff.qualified", actor="sara")) is not None


def test_nothing_happened_after_it_was_told() -> None:
    before = NOW - timedelta(days=1)
    for data in (_activity(), _enriched()):
        for told_at in (before, NOW):
            found = arrival(data, told_at)
            assert found is not None
            assert found.fact is not None
            assert found.fact.at == told_at
    late = arrival(_activity(), NOW + timedelta(days=9))
    assert late is not None
    assert late.fact is not None
    assert late.fact.at == NOW


def test_what_is_kept_is_bounded() -> None:
    big = of_activity(_activity(data={"a": "x" * (MOST_BYTES + 1)}))
    assert big is not None
    assert "data" not in big.fields["activity"]
    bulky = Contact(name="سارا", extra={f"field {n}": "x" * 100 for n in range(1_000)})
    assert of_submission(_enriched(contact=bulky)).fields["contact"] == {"name": "سارا"}
    fact = of_submission(_enriched(contact=Contact(message="x" * 10 * MOST_TEXT)))
    assert len(fact.fields["contact"]["message"]) == MOST_TEXT


def test_a_platform_s_changed_resend_adds_its_answers_but_no_touch() -> None:
    answers = {"contact": {"message": "قیمت؟", "name": "سارا"}, "source": "meta-main"}
    resent = of_activity(_activity("submission.resent", data=answers, page="nil.example/a"))
    first = of_submission(_enriched())
    assert resent is not None
    told = story([first, resent])
    assert told[-1].fields["touch"]["asks"] == ["price"]
    assert told[-1].fields["person"] == {"touch_count": 1, "activity_count": 0, "name": "سارا"}
    for odd in ({}, {"contact": "x"}):
        fact = of_activity(_activity("submission.resent", data=odd))
        assert fact is not None
        story([fact])
    assert of_activity(_activity("submission.key_conflict")) is None


@pytest.mark.parametrize(
    "outcome", ["hydrating", "activity", "quarantined", "test", "discarded", "erased"]
)
def test_only_an_enriched_submission_matters(outcome: str) -> None:
    assert arrival(_enriched(outcome=outcome), NOW) is None


@pytest.mark.parametrize(
    "broken",
    [
        _enriched(person_id=None),
        _enriched(person_id="somebody"),
        _enriched(submission_id="7"),
        _enriched(joined=("x",)),
        _activity(person="somebody"),
    ],
)
def test_an_id_that_is_none_is_rejected(broken: SubmissionEnriched | Activity) -> None:
    with pytest.raises(Reject):
        arrival(broken, NOW)


def _arrived(person: str, *joined: str) -> Arrival:
    found = arrival(_enriched(person_id=person, joined=joined), NOW)
    assert found is not None
    return found


def test_persons_joined_one_after_another_are_all_the_last() -> None:
    alone = {person: person for person in (A, B, C)}
    found = identities(alone, [_arrived(B, C), _arrived(A, B)])
    assert found.survivors == {A: A, B: A, C: A}
    assert found.retired == {B: A, C: A}


def test_a_join_told_again_or_late_changes_nothing() -> None:
    assert identities({A: A, B: A}, [_arrived(A, B)]).retired == {}
    late = identities({A: A, B: A, C: C}, [_arrived(B, C)])
    assert late.retired == {C: A}


def test_two_persons_joined_into_each_other_end_somewhere() -> None:
    found = identities({A: A, B: B}, [_arrived(A, B), _arrived(B, A)])
    assert found.retired == {B: A}


def test_a_scan_is_counted_by_the_rule_that_counts_a_form_after_it() -> None:
    fact = of_activity(_activity("qr_scan", data={"qr": "expo26"}))
    assert fact is not None
    assert fact.fields["attribution"] == {"qr": "expo26"}
    other = of_activity(_activity(data={"qr": "expo26"}))
    assert other is not None
    assert "attribution" not in other.fields


def test_a_message_in_a_chat_scores_as_a_submission_of_its_own() -> None:
    contact = Contact(message="قیمت؟", phone="+989121234567", handle="telegram:1")
    touch = Touch(B, "chat", "tg", NOW, Attribution(page="nil.example/a", qr="expo"))
    of_its_own = of_submission(_enriched(submission_id=C, touch=touch, contact=contact))
    data = {
        "kind": "chat",
        "source": "tg",
        "message": C,
        "verified": {},
        "contact": msgspec.to_builtins(contact),
        "touch": msgspec.to_builtins(touch),
    }
    assert of_activity(_activity("submission.resent", data=data)) == of_its_own
    odd = of_activity(_activity("submission.resent", data=data | {"touch": 7}))
    assert odd is not None
    assert (odd.id, odd.at) == (C, NOW)
    no_id = of_activity(_activity("submission.resent", data=data | {"message": "x"}))
    assert no_id is not None
    assert no_id.id == "x", "the activity's own"
