"""What is left of a person without one of their submissions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from libs.common.erasing import SUBMISSION_ERASED, erasure_in
from libs.common.events import Attribution, Contact, Touch, derived_id, encode
from libs.common.topics import MAX_RECORD_BYTES
from services.enrichment.erase import (
    Asked,
    Gone,
    Told,
    left,
    person_erased,
    person_stays,
    without,
)
from services.enrichment.fold import Profile, contact_of, merge, profile_of
from services.enrichment.late_scan import fact_of

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

LARGE = Attribution(page="nil.example", utm={f"{n:0200}": "ی" * 2000 for n in range(50)})
"""As much as the text of one is cut to, of one of its parts."""


def told(number: int, **contact: Any) -> Told:
    touch = Touch(
        submission_id=f"s{number}",
        kind="form",
        source="contact",
        at=START + timedelta(minutes=number),
        attribution=Attribution(visitor_id=contact.pop("visitor", None)),
    )
    return Told(touch, Contact(**contact), "form")


def profile(*several: Told) -> Profile:
    return reduce(merge, (profile_of(one.contact, one.touch) for one in several))


def test_nothing_is_left_where_nothing_else_was_told() -> None:
    assert left(profile(told(1, name="ب")), [], "s1") is None


def test_what_it_alone_said_is_gone_and_what_it_hid_comes_back() -> None:
    gone = told(1, name="بهار", email="b@nil.example", visitor="v-1")
    stays = told(2, name="ب", phone="+989121234567", visitor="v-2")
    found = left(profile(gone, stays), [stays], "s1")
    assert found is not None
    contact = contact_of(found.profile)
    assert (contact.name, contact.email, contact.phone) == ("ب", None, "+989121234567")
    assert found.profile.first == found.profile.last == stays.touch
    assert found.identifiers == {("phone", "+989121234567"), ("visitor", "v-2")}
    assert found.touches == (stays.touch,)


def test_rule_29_no_word_of_an_erasure_is_larger_than_a_log_takes() -> None:
    gone = [Gone(derived_id("s", str(n)), "form", "contact", START, 0) for n in range(3000)]
    bodies = [str(n) for n in range(30_000)]
    words = person_erased([derived_id("p")], gone, bodies, START, Asked("mina", "ب"))
    assert max(len(encode(word).value) for word in words) < 100_000
    found = [erasure for word in words if (erasure := erasure_in(word.data))]
    assert len([body for one in found for body in one.conflicts]) == len(bodies)
    assert [len(one.submissions) for one in found][:2] == [1000, 0]
    assert len({word.id for word in words}) == len(words)


def test_rule_29_a_person_of_fifty_thousand_touches_is_told_in_words_that_a_log_takes() -> None:
    persons, resent = ([derived_id(kind, str(n)) for n in range(50_000)] for kind in "pr")
    all_ = [
        Told(
            Touch("s", "form", "contact", START + timedelta(seconds=n), attribution=LARGE),
            Contact(),
            "form",
        )
        for n in range(50_000)
    ]
    what = left(profile(told(1)), all_, "s")
    assert what is not None
    gone = Gone(derived_id("s"), "form", "contact", START, 0)
    stays = person_stays(gone, without(gone, persons, what, 1, resent), START)
    whole = person_erased(persons, [gone], [], START, Asked())
    for words in (stays, whole):
        assert max(len(encode(word).value) for word in words) < MAX_RECORD_BYTES / 2
        assert {word.key for word in words} == {persons[0]}, "read in their order"
        assert len({word.id for word in words}) == len(words)
        found = [erasure for word in words if (erasure := erasure_in(word.data))]
        assert {one.persons[0] for one in found} == {persons[0]}
        assert [one for word in found for one in word.persons[1:]] == persons[1:]
    found = [erasure for word in stays if (erasure := erasure_in(word.data))]
    assert {fact for word in found for fact in word.told} >= set(resent)
    first, *_, last = found[0].touches
    assert first.attribution == last.attribution == LARGE
    assert len(found[0].touches) == 200


def test_a_small_word_of_an_erasure_is_one() -> None:
    gone = Gone(derived_id("s"), "form", "contact", START, 0)
    what = left(profile(told(1)), [told(2, visitor="v")], "s1")
    assert what is not None
    (word,) = person_stays(gone, without(gone, [derived_id("p")], what, 1, []), START)
    found = erasure_in(word.data)
    assert found is not None
    assert (found.part, len(found.touches)) == (0, 1)
    assert found.told == (derived_id("visit", gone.id), fact_of(gone.id))
    assert word.id == derived_id(SUBMISSION_ERASED, gone.id)


contacts = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["ا", "ب", "پ"]),
        "phone": st.sampled_from(["+989121234567", "+989121234568"]),
        "message": st.sampled_from(["م", "ن"]),
        "extra": st.dictionaries(st.sampled_from("xyz"), st.sampled_from("12"), max_size=2),
    },
)


@given(st.lists(contacts, min_size=2, max_size=6), st.data())
def test_a_person_without_it_is_as_if_it_had_never_come(
    several: list[dict[str, Any]], data: st.DataObject
) -> None:
    all_ = [told(number, **contact) for number, contact in enumerate(several)]
    gone = data.draw(st.sampled_from(all_))
    others = [one for one in all_ if one is not gone]
    found = left(profile(*all_), others, gone.touch.submission_id)
    assert found is not None
    assert found.profile == profile(*others)
