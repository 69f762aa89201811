"""Any JSON, mapped by the configuration: the kind that stands for whoever signs nothing."""

from __future__ import annotations

from typing import Any

import pytest

from services.capture.sources import KINDS
from services.capture.sources.json_any import JSON
from tests.unit.capture.sources.samples import arrivals_in, body, expected, knock, source, told

EXPECTED = expected("json")
SOURCE = source("json", secret="our-own", page="nil.example/partner", fields=EXPECTED["fields"])


@pytest.mark.parametrize("case", EXPECTED["deliveries"], ids=lambda case: case["file"])
def test_each_sample_becomes_what_was_written_down(case: dict[str, Any]) -> None:
    raw = body("json", case["file"])
    found = arrivals_in(JSON.parse(knock(raw), SOURCE))
    assert [told(a, a.attribution, *case["arrivals"][0]) for a in found] == case["arrivals"]


def test_the_sender_proves_itself_by_header_or_address() -> None:
    assert JSON.prove(knock(b"{}", x_lead_token="our-own"), SOURCE, 0)
    assert JSON.prove(knock(b"{}", tail="our-own"), SOURCE, 0)
    assert not JSON.prove(knock(b"{}", x_lead_token="guess"), SOURCE, 0)
    assert not JSON.prove(knock(b"{}"), SOURCE, 0)
    assert JSON.prove(knock(b"{}"), source("json"), 0)


def test_a_repeat_under_a_key_of_the_sender_s_has_that_key() -> None:
    (found,) = JSON.parse(knock(b'{"phone": "0912"}', idempotency_key="k-1"), SOURCE)
    assert found.key == "k-1"


@pytest.mark.parametrize("raw", [b"", b"[]", b"5", b"{}", b'{"a": 1}', b"{"])
def test_what_says_nothing_of_a_person_is_held(raw: bytes) -> None:
    assert [a.held for a in arrivals_in(JSON.parse(knock(raw), SOURCE))] == ["unexpected_shape"]
    assert KINDS["json"] is JSON
