"""What the schema complains of, in sentences of ours: none of pydantic's words, in no language."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.common.configuration import mistakes
from libs.common.configuration.load import load, parse
from libs.common.configuration.parts import Part
from libs.common.configuration.problems import Invalid
from libs.common.configuration.schema import Configuration
from tests.unit.common.configuration.test_load import VALID, wrong

THEIRS = re.compile(r"Input|should|valid|permitted|items? after")

NAMES = sorted(
    {f.alias or n for part in Part.__subclasses__() for n, f in part.model_fields.items()}
)


def both(text: str) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        load(text, {})
    return [(each.of("fa"), each.of("en")) for each in refused.value.problems]


@pytest.mark.parametrize(
    ("written", "fa", "en"),
    [
        (
            VALID.replace("name: سارا}", "name: سارا, capacity: {open: -1}}"),
            "خط ۶: teams[0].specialists[0].capacity.open: باید دست‌کم ۰ باشد",
            "line 6: teams[0].specialists[0].capacity.open: must be at least 0",
        ),
        (
            VALID.replace("desk}", "desk, outside_hours: never}"),
            "خط ۷: routing.outside_hours: باید یکی از این‌ها باشد: assign، hold",
            "line 7: routing.outside_hours: must be one of assign, hold",
        ),
        (
            VALID + "channels: {email: {colour: red}}",
            "خط ۸: channels.email.colour: نام ناشناخته است",
            "line 8: channels.email.colour: is not a known name",
        ),
        (
            "teams: []\nrouting: {fallback: desk}",
            "خط ۱: teams: دست‌کم ۱ مورد می‌خواهد",
            "line 1: teams: needs at least 1 of them",
        ),
        (
            VALID.replace("name: سارا}", "name: سارا, weight: 0}"),
            "خط ۶: teams[0].specialists[0].weight: باید بیشتر از ۰ باشد",
            "line 6: teams[0].specialists[0].weight: must be more than 0",
        ),
        (
            VALID + "organisation_: 1\nsites: 5\nqr: [3]",
            "خط ۱۰: qr[0]: باید نام و مقدار باشد",
            "line 10: qr[0]: takes names with values",
        ),
        (
            VALID + "qr: [a",
            "خط ۸: YAML خوانده نمی‌شود: کاما یا بستن [ یا { جا افتاده",
            "line 8: not readable YAML: a comma, or the end of [ or {, is missing",
        ),
    ],
)
def test_both_languages_say_it_in_their_own_words(written: str, fa: str, en: str) -> None:
    assert (fa, en) in both(written), both(written)


@given(
    st.sampled_from(sorted(Configuration.model_fields)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(NAMES),
                inner,
                max_size=6,
            )
        ),
        max_leaves=20,
    ),
)
def test_every_kind_of_mistake_has_its_sentence(part: str, shape: object) -> None:
    try:
        parse({part: shape}, {})
    except ValidationError as error:
        known = {"extra_forbidden", "literal_error", "string_pattern_mismatch"}
        kinds = {each["type"] for each in error.errors()}
        assert kinds <= known | set(mistakes.PLAIN) | set(mistakes.LIMITED)


def test_nothing_of_the_schema_or_the_parser_is_quoted() -> None:
    for added in (
        "limits: {form_per_network: [1]}",
        "qr: {a: 1}",
        "scoring: {thresholds: {warm: 1.5}, caps: {fit: x}}",
        "organisation: {holidays: [5, [1]], languages: [de]}",
        "privacy: {truncate_ip: maybe}",
        "a: b: c",
        "\tqr: []",
        "qr: @a",
        "qr: *nobody",
        "qr: 'open",
        "--- \na: 1",
        'qr: "\\q"',
        "qr: [{]}",
    ):
        for fa, en in both(VALID.replace("organisation: {name: Nil}\n", "") + added):
            assert not THEIRS.search(fa + en), (fa, en)


def test_a_secret_in_the_wrong_place_is_not_quoted() -> None:
    assert not any(
        "canary" in each for each in wrong(VALID + "api_keys: [{key: a, token: *canary}]")
    )
