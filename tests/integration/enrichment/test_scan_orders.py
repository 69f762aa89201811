"""A scan, the visit it led to and the form, in whatever order and slices they come."""

from __future__ import annotations

import uuid
from itertools import permutations

import pytest

from tests.integration.enrichment.conftest import Captured, Service
from tests.integration.enrichment.test_visits import form, scanned, seen, told

AT_ONCE = ["".join(order) for order in permutations("SVF")]
APART = ["S|VF", "SV|F", "S|V|F", "VS|F", "VF|S", "F|SV", "F|VS", "S|FV", "F|S|V", "F|V|S"]


@pytest.mark.parametrize("order", [*AT_ONCE, *APART, "SVVF", "VSVF", "S|VVF"])
async def test_a_scan_is_told_with_the_visit_it_led_to(
    service: Service, captured: Captured, order: str
) -> None:
    visitor = str(uuid.uuid4())
    found = []
    for part in order.split("|"):
        events = {
            "S": lambda: scanned(captured, "tok"),
            "V": lambda: seen(captured, visitor, scan="tok"),
            "F": lambda: form(captured, visitor),
        }
        found += await told(service, *(events[letter]() for letter in part))
    assert sorted(one.type for one in found) == ["page_view"] * order.count("V") + ["qr_scan"]
    assert await service.count("visit_keys") == 0
