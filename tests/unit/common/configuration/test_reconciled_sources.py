"""What comparing a source with its platform's list needs of the file, said by line and field."""

from __future__ import annotations

import pytest

from libs.common.configuration import known
from libs.common.configuration.load import load
from services.capture.sources import SOURCES
from tests.unit.common.configuration.test_load import VALID, warned, wrong

TOKEN = "secret: s, access_token: t"


def sourced(source: str) -> str:
    return f"{VALID}sources: [{{key: a, {source}}}]"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("reconcile: often", "reconcile: must be written as 1h or 30m, or off"),
        ("reconcile: 0m", "reconcile: must be written as 1h"),
        ("reconcile: true", "reconcile: must be written as 1h"),
        ("account: Nil", "account: must be written as urn:li:sponsoredAccount:…"),
    ],
)
def test_what_could_compare_nothing_is_an_error(source: str, said: str) -> None:
    lines = wrong(sourced(f"kind: linkedin, {TOKEN}, {source}"))
    assert [line for line in lines if line.startswith(f"line 8: sources[0].{said}")]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (f"kind: linkedin, {TOKEN}", "account: is not set"),
        (f"kind: typeform, {TOKEN}", "forms: is not set"),
        ("kind: json, secret: s, account: x", "account: has no effect"),
    ],
)
def test_what_keeps_a_source_from_being_compared_is_a_warning(source: str, said: str) -> None:
    found = [line for line in warned(sourced(source)) if f"sources[0].{said}" in line]
    assert found, warned(sourced(source))


@pytest.mark.parametrize(
    "source",
    [
        f"kind: linkedin, {TOKEN}, reconcile: off",
        f"kind: linkedin, {TOKEN}, account: 'urn:li:organization:7'",
        f"kind: typeform, {TOKEN}, forms: [F]",
        "kind: typeform, secret: s",
        f"kind: calendly, {TOKEN}, account: 'https://api.calendly.com/users/U1'",
    ],
)
def test_nothing_is_said_where_all_is_there_or_nothing_is_to_be_compared(source: str) -> None:
    assert not [line for line in warned(sourced(source)) if "account" in line or "forms" in line]


@pytest.mark.parametrize("word", ["off", "no", "false", "'off'"])
def test_off_has_several_spellings_and_an_hour_is_usual(word: str) -> None:
    text = sourced(f"kind: meta, {TOKEN}, reconcile: {word}")
    assert load(text, {}).configuration.sources[0].reconcile == "off"
    usual = load(sourced(f"kind: meta, {TOKEN}"), {}).configuration.sources[0]
    assert usual.reconcile == "1h"


def test_the_kinds_are_those_that_have_a_list() -> None:
    assert {kind.kind for kind in SOURCES if kind.listing} == known.LISTED
