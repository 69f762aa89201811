"""Unbounce sends again and gives no id: what is the same to the letter is a repeat."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

from services.capture.sources.unbounce import parse_form
from tests.unit.capture.sources.samples import knock, source

LEAD = {
    "email": ["a@b.example"],
    "ip_address": ["203.0.113.13"],
    "date_submitted": ["2026-11-21"],
    "time_submitted": ["09:59 AM UTC"],
}


def key_of(**changed: list[str]) -> str | None:
    raw = urlencode({"data.json": json.dumps(LEAD | changed), "data.xml": "<x/>"}).encode()
    (found,) = parse_form(knock(raw), source("unbounce"))
    return found.key


def test_the_same_lead_of_the_same_minute_is_one() -> None:
    assert key_of() is not None
    assert key_of() == key_of()


@pytest.mark.parametrize(
    "changed",
    [{"time_submitted": ["10:00 AM UTC"]}, {"email": ["c@b.example"]}, {"ip_address": ["::1"]}],
)
def test_another_minute_person_or_address_is_another(changed: dict[str, list[str]]) -> None:
    assert key_of(**changed) != key_of()


def test_without_a_moment_each_call_is_one() -> None:
    assert key_of(time_submitted=["09:59 صبح"]) is None
