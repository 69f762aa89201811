from __future__ import annotations

import functools
import itertools
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from libs.common.calls import FIELD as CALL
from libs.common.events import Contact, Touch
from services.enrichment import fold
from services.enrichment.fold import MOST_EXTRAS, Profile, contact_of, merge, profile_of
from services.enrichment.steps.text import LARGEST_EXTRA

START = datetime(2026, 11, 22, tzinfo=UTC)
VALUES = st.none() | st.sampled_from(["a", "b", "c"])


@st.composite
def profiles(draw: st.DrawFn) -> list[Profile]:
    """Of several touches of one person, some of them messages of one chat."""
    found = []
    for n in range(draw(st.integers(1, 8))):
        in_chat = draw(st.booleans())
        touch = Touch(
            submission_id="chat" if in_chat else str(n),
            message=f"message {n}" if in_chat else None,
            kind="form",
            source="contact",
            at=START + timedelta(seconds=draw(st.integers(0, 3))),
        )
        contact = Contact(
            name=draw(VALUES),
            nickname=draw(st.booleans()),
            phone=draw(VALUES),
            phone_typed=draw(VALUES),
            email=draw(VALUES),
            message=draw(VALUES),
            consent=draw(VALUES),
            extra={str(k): k for k in draw(st.sets(st.integers(0, 80), max_size=40))}
            | ({CALL: n} if draw(st.booleans()) else {}),
        )
        found.append(profile_of(contact, touch))
    return found


@given(profiles(), st.randoms(use_true_random=False), st.integers(0, 8))
def test_rule_03_any_order_grouping_or_repeat_gives_one_profile(
    found: list[Profile], random: Random, cut: int
) -> None:
    expected = functools.reduce(merge, found)
    shuffled = [*found, *found[:cut]]
    random.shuffle(shuffled)
    left, right = shuffled[:cut], shuffled[cut:]
    halves = [functools.reduce(merge, half) for half in (left, right) if half]
    assert functools.reduce(merge, halves) == expected


@given(profiles(), st.randoms(use_true_random=False))
def test_rule_03_in_any_order_a_crowd_of_other_fields_gives_way_to_the_same(
    found: list[Profile], random: Random
) -> None:
    with patch.object(fold, "MOST_EXTRAS", 3):
        bounded = [merge(profile, profile) for profile in found]
        expected = functools.reduce(merge, bounded)
        random.shuffle(bounded)
        assert functools.reduce(merge, bounded) == expected


def test_rule_03_the_last_call_is_kept_beside_a_crowd_of_other_fields() -> None:
    told = [
        profile_of(
            Contact(extra=extra),
            Touch(submission_id=str(n), kind="form", source="s", at=START + timedelta(n)),
        )
        for n, extra in enumerate(({CALL: 0}, {str(n): n for n in range(MOST_EXTRAS)}, {CALL: 2}))
    ]
    for order in itertools.permutations(told):
        extra = contact_of(functools.reduce(merge, order)).extra
        assert (extra[CALL], len(extra)) == (2, MOST_EXTRAS + 1)


def test_the_earliest_fills_the_blank_and_the_last_message_counts() -> None:
    early = profile_of(
        Contact(name="علی", message="اول"), Touch(submission_id="1", kind="f", source="s", at=START)
    )
    late = profile_of(
        Contact(name="Ali", company="نیل", message="دوم"),
        Touch(submission_id="0", kind="f", source="s", at=START + timedelta(1)),
    )
    person = contact_of(merge(late, early))
    assert (person.name, person.company, person.message) == ("علی", "نیل", "دوم")
    assert merge(late, early).first.submission_id == "1"


def test_of_messages_of_one_second_the_last_touch_says_what_the_person_said_last() -> None:
    told = [
        profile_of(
            Contact(message=words),
            Touch(submission_id="chat", message=str(n), kind="chat", source="s", at=START),
        )
        for n, words in enumerate(("سلام", "قیمت؟", "هستید؟"))
    ]
    for order in itertools.permutations(told):
        person = functools.reduce(merge, order)
        assert (person.last.message, contact_of(person).message) == ("2", "هستید؟")


def test_a_profile_that_a_build_before_wrote_is_one_too() -> None:
    told = profile_of(
        Contact(message="سلام"),
        Touch(submission_id="chat", message="1", kind="chat", source="s", at=START),
    )
    written = msgspec.to_builtins(told)
    written["facts"] = {name: fact[:4] for name, fact in written["facts"].items()}
    before = msgspec.convert(written, Profile)
    assert merge(before, told) == merge(told, before) == told


def test_a_name_that_was_typed_goes_before_a_nickname_whichever_came_first() -> None:
    said = (("Sara ❤", True), ("سارا رضایی", False), ("Sara 🌙", True), ("س. رضایی", False))
    told = [
        profile_of(
            Contact(name=name, nickname=is_nickname),
            Touch(submission_id=str(n), kind="chat", source="s", at=START + timedelta(n)),
        )
        for n, (name, is_nickname) in enumerate(said)
    ]
    for order in itertools.permutations(told):
        person = contact_of(functools.reduce(merge, order))
        assert (person.name, person.nickname) == ("سارا رضایی", False)
    unnamed = contact_of(merge(told[2], told[0]))
    assert (unnamed.name, unnamed.nickname) == ("Sara ❤", True)


def test_a_name_that_was_typed_as_the_profile_has_it_is_no_nickname_any_more() -> None:
    called, typed, later = (
        profile_of(
            Contact(name=name, nickname=is_nickname),
            Touch(submission_id=str(n), kind="chat", source="s", at=START + timedelta(n)),
        )
        for n, (name, is_nickname) in enumerate([("Sara", True), ("Sara", False), ("S.", False)])
    )
    for order in itertools.permutations((called, typed, later)):
        person = contact_of(functools.reduce(merge, order))
        assert (person.name, person.nickname) == ("Sara", False)


def test_a_profile_of_the_build_before_and_one_of_a_later_one_are_read() -> None:
    before = b'{"facts":{"name":["Sara","2026-11-22T00:00:00Z","1"]}'
    later = b'{"facts":{"name":["Sara","2026-11-22T00:00:00Z","1",false,"new"]}'
    touch = b',"first":{"submission_id":"1","kind":"f","source":"s","at":"2026-11-22T00:00:00Z"}'
    whole = touch + touch.replace(b"first", b"last") + b"}"
    for facts in (before, later):
        assert contact_of(msgspec.json.decode(facts + whole, type=Profile)).name == "Sara"


def test_a_crowd_of_other_fields_fills_no_event() -> None:
    touch = Touch(submission_id="1", kind="f", source="s", at=START)
    crowd = profile_of(Contact(extra={str(n): n for n in range(500)}), touch)
    assert len(contact_of(crowd).extra) == MOST_EXTRAS


def test_large_other_fields_of_many_touches_fill_no_event() -> None:
    found = []
    for n in range(MOST_EXTRAS):
        touch = Touch(submission_id=f"{n:02}", kind="f", source="s", at=START + timedelta(n))
        extra: dict[str, Any] = {f"field{n}": "x" * (LARGEST_EXTRA // 3)}
        found.append(profile_of(Contact(extra=extra), touch))
    person = functools.reduce(merge, found)
    stored = msgspec.json.decode(msgspec.json.encode(person), type=Profile)
    shuffled = Profile(dict(sorted(stored.facts.items(), reverse=True)), stored.first, stored.last)
    for profile in (person, functools.reduce(merge, reversed(found)), shuffled):
        extra = contact_of(profile).extra
        assert list(extra) == ["field0", "field1"]
        assert len(msgspec.json.encode(extra)) <= LARGEST_EXTRA


def test_a_field_too_large_for_the_rest_leaves_room_for_a_later_small_one() -> None:
    sizes = {"0": LARGEST_EXTRA - 100, "1": 1000, "2": 10}
    found = [
        profile_of(
            Contact(extra={name: "x" * size}),
            Touch(submission_id=name, kind="f", source="s", at=START + timedelta(int(name))),
        )
        for name, size in sizes.items()
    ]
    assert list(contact_of(functools.reduce(merge, found)).extra) == ["0", "2"]
