"""Unbounce sends again and gives no id: what is the same to the letter is a repeat."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from services.capture.sources.arrival import Arrival
from services.capture.sources.unbounce import parse_form
from tests.unit.capture.sources.samples import knock, source

LEAD = {
    "email": ["a@b.example"],
    "ip_address": ["203.0.113.13"],
    "date_submitted": ["2026-11-21"],
    "time_submitted": ["09:59 AM UTC"],
}


def content_of(**changed: list[str]) -> tuple[bytes, datetime | None]:
    raw = urlencode({"data.json": json.dumps(LEAD | changed), "data.xml": "<x/>"}).encode()
    (found,) = parse_form(knock(raw), source("unbounce"))
    assert isinstance(found, Arrival)
    assert found.key is None
    return found.content, found.occurred_at


def test_a_moment_is_told_apart_from_the_content() -> None:
    content, moment = content_of()
    assert moment == datetime(2026, 11, 21, 9, 59, tzinfo=UTC)
    assert content_of(time_submitted=["10:00 AM UTC"]) == (content, moment + timedelta(minutes=1))


@pytest.mark.parametrize("changed", [{"email": ["c@b.example"]}, {"ip_address": ["::1"]}])
def test_another_person_or_address_is_another(changed: dict[str, list[str]]) -> None:
    assert content_of(**changed)[0] != content_of()[0]


def test_without_a_moment_that_is_read_the_arrival_s_counts() -> None:
    assert content_of(time_submitted=["09:59 صبح"]) == (content_of()[0], None)
