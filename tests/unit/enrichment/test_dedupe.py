from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.events import Contact, Touch, derived_id
from services.enrichment.dedupe import Claim, Known, Settled, Visit, settle
from services.enrichment.fold import profile_of
from services.enrichment.identify import Identifier

START = datetime(2026, 11, 22, tzinfo=UTC)
KINDS = ("phone", "email", "handle:telegram")


def claim(n: int, identifiers: Sequence[Identifier], **given: object) -> Claim:
    touch = Touch(f"s{n}", "form", "contact", START + timedelta(seconds=n))
    return Claim(f"s{n}", profile_of(Contact(), touch), tuple(identifiers), f"e{n}", **given)  # type: ignore[arg-type]  # keywords of Claim


@st.composite
def posts(draw: st.DrawFn) -> list[tuple[int, Claim]]:
    """Posts of people with one phone, one e-mail and one handle each, any of them given."""
    found = []
    for n in range(draw(st.integers(1, 14))):
        human = draw(st.integers(0, 2))
        kinds = draw(st.sets(st.sampled_from(KINDS), min_size=1))
        keys = [Identifier(kind, f"{kind}{human}") for kind in sorted(kinds)]
        found.append((human, claim(n, keys)))
    return found


@st.composite
def tangles(draw: st.DrawFn) -> list[Claim]:
    """Posts that mix everybody's identifiers."""
    value = st.sampled_from("abc")
    return [
        claim(n, [Identifier(kind, draw(value)) for kind in sorted(kinds)])
        for n, kinds in enumerate(
            draw(st.lists(st.sets(st.sampled_from(KINDS), min_size=1), max_size=14))
        )
    ]


def in_slices(claims: Sequence[Claim], size: int) -> tuple[dict[str, str], Settled]:
    """Settle slice by slice, as the store carries them over; the living person of each."""
    persons: dict[str, Known] = {}
    owners: dict[Identifier, str] = {}
    retired: dict[str, str] = {}
    whose: dict[str, str] = {}
    settled = Settled({}, {})
    for start in range(0, len(claims), size):
        settled = settle(claims[start : start + size], persons, owners)
        retired |= settled.retired
        whose |= {cause: d.person_id for cause, d in settled.decisions.items()}
        persons = {i: k for i, k in settled.persons.items() if i not in retired}
        owners = {i: settled.living(o) for i, o in settled.owners.items()}
    everything = Settled(persons, owners, retired=retired)
    return {cause: everything.living(id_) for cause, id_ in whose.items()}, everything


def components(found: Sequence[tuple[int, Claim]]) -> list[set[str]]:
    """Posts of one human, tied together by the identifiers that they share."""
    groups: list[tuple[set[str], set[Identifier]]] = []
    for _human, one in found:
        causes, keys = {one.cause}, set(one.identifiers)
        apart = []
        for group in groups:
            if group[1] & keys:
                causes, keys = causes | group[0], keys | group[1]
            else:
                apart.append(group)
        groups = [*apart, (causes, keys)]
    return [causes for causes, _keys in groups]


@given(posts(), st.randoms(use_true_random=False), st.integers(1, 5))
def test_any_order_and_any_slices_tie_the_same_posts_together(
    found: list[tuple[int, Claim]], random: Random, size: int
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    whose, _ = in_slices([one for _human, one in shuffled], size)
    groups = components(found)
    assert sorted(map(sorted, groups)) == sorted(
        sorted(cause for cause, person in whose.items() if person == one)
        for one in set(whose.values())
    )


@given(tangles(), st.integers(1, 5))
def test_in_any_tangle_the_phone_decides_and_every_key_has_one_living_owner(
    claims: list[Claim], size: int
) -> None:
    whose, after = in_slices(claims, size)
    assert set(after.owners) == {i for one in claims for i in one.identifiers}
    assert set(after.owners.values()) <= set(after.persons)
    for one in claims:
        first = min(one.identifiers, key=lambda i: KINDS.index(i.kind))
        assert whose[one.cause] == after.owners[first]


@given(tangles())
def test_slices_decide_as_one_slice_does(claims: list[Claim]) -> None:
    apart, one_by_one = in_slices(claims, 1)
    together, at_once = in_slices(claims, 100)
    assert apart == together
    assert one_by_one.owners == at_once.owners
    assert {i: k.profile for i, k in one_by_one.persons.items()} == {
        i: k.profile for i, k in at_once.persons.items()
    }


@pytest.mark.parametrize("n", range(8))
def test_the_older_id_survives_and_its_profile_holds_both(n: int) -> None:
    phone, email = Identifier("phone", "p"), Identifier("email", "e")
    older, younger, both = claim(n, [email]), claim(n + 20, [phone]), claim(n + 40, [phone, email])
    whose, after = in_slices([younger, older, both], 10)
    ((person_id, known),) = after.persons.items()
    assert person_id == derived_id("person", older.submission_id) == whose[younger.cause]
    assert known.profile.first.submission_id == older.submission_id
    assert known.profile.last.submission_id == both.submission_id
    assert set(after.owners.values()) == {person_id}


def test_a_browser_is_of_whoever_identified_on_it_last_and_decides_nothing() -> None:
    tablet = Identifier("visitor", "v")
    posts = [claim(n, [Identifier("phone", str(n)), tablet]) for n in (1, 3, 2)]
    after = settle(posts, {}, {})
    whose = {cause: decision.person_id for cause, decision in after.decisions.items()}
    assert len(set(whose.values())) == 3
    assert after.owners[tablet] == whose["e3"]
    assert after.firsts[tablet].person_id == whose["e1"]


def test_a_scan_stays_with_its_first_person() -> None:
    scan = Identifier("scan", "t")
    whose, after = in_slices([claim(n, [Identifier("phone", str(n)), scan]) for n in range(3)], 2)
    assert after.owners[scan] == whose["e0"]


def visit(n: int, *identifiers: Identifier, scan: Identifier | None = None) -> Visit:
    return Visit(f"v{n}", f"w{n}", identifiers, scan)


def test_visits_are_of_the_first_before_and_of_the_last_after() -> None:
    browser = Identifier("visitor", "v")
    one, two = (claim(n, [Identifier("phone", str(n)), browser]) for n in (1, 2))
    settled = settle([visit(0, browser), one, visit(1, browser), two, visit(2, browser)], {}, {})
    first, last = (settled.decisions[cause].person_id for cause in ("e1", "e2"))
    assert [settled.visits[f"w{n}"] for n in range(3)] == [first, first, last]


def test_what_an_identifier_names_decides_before_the_browser_it_was_on() -> None:
    phone, browser = Identifier("phone", "1"), Identifier("visitor", "v")
    owner, other = claim(1, [phone]), claim(2, [Identifier("phone", "2"), browser])
    settled = settle([owner, other, visit(0, phone, browser)], {}, {})
    assert settled.visits["w0"] == settled.decisions["e1"].person_id


def test_a_scan_that_led_somebody_known_to_a_page_is_theirs() -> None:
    browser, scan = Identifier("visitor", "v"), Identifier("scan", "t")
    known = claim(1, [Identifier("phone", "1"), browser])
    settled = settle([visit(0, scan), known, visit(1, browser, scan=scan)], {}, {})
    assert settled.visits["w0"] == settled.visits["w1"] == settled.decisions["e1"].person_id


def test_a_resend_adds_to_its_person_and_claims_nothing() -> None:
    first = claim(0, [Identifier("phone", "p")])
    resend = claim(0, [], resent=True)
    settled = settle([first, resend], {}, {})
    assert len(settled.persons) == 1
    assert settle([resend], {}, {}).decisions == {}
