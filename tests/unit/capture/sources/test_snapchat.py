"""Snapchat's boxes, whose spelling nobody has published."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.capture.sources.snapchat import SNAPCHAT
from tests.unit.capture.sources.samples import arrivals_in, knock, source


@pytest.mark.parametrize(
    ("said", "consent"),
    [
        ("true", True), ("True", True), ("1", True), (True, True), (1, True),
        ("false", False), ("FALSE", False), ("0", False), (False, False), (0, False), ("", False),
        ("Yes", "Yes"), ("I agree", "I agree"), ("بله", "بله"),
    ],
)  # fmt: skip
def test_a_box_is_told_as_it_was_ticked_and_in_its_own_words_where_they_are_others(
    said: Any, consent: Any
) -> None:
    lead = {"lead_id": "1", "email": "a@b.ir", "consent_1": said}
    (found,) = arrivals_in(SNAPCHAT.parse(knock(json.dumps(lead).encode()), source("snapchat")))
    assert found.consent == {"consent_1": consent}


def test_a_box_of_which_nothing_is_said_was_not_refused() -> None:
    lead = {"lead_id": "1", "email": "a@b.ir", "consent_1": None, "consent_2": "true"}
    (found,) = arrivals_in(SNAPCHAT.parse(knock(json.dumps(lead).encode()), source("snapchat")))
    assert found.consent == {"consent_2": True}
