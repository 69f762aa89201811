"""What is left of a person without one of their submissions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import reduce
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from libs.common.events import Attribution, Contact, Touch
from services.enrichment.erase import Told, left
from services.enrichment.fold import Profile, contact_of, merge, profile_of

START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


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
