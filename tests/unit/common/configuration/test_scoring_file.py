"""What a file may say of fading and of caps, and what is refused with its line."""

from __future__ import annotations

import pytest

from libs.common.configuration.scoring import Caps
from tests.unit.common.configuration.test_load import VALID, warned, wrong

RULE = (
    "scoring: {{rules: [{{id: a, group: engagement, when: {{field: touch.kind, op: exists}}, "
    "points: 10, text: A{}}}]}}"
)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (", half_life: 0d", "scoring.rules[0].half_life: is no duration above zero"),
        (", half_life: soon", "scoring.rules[0].half_life: is no duration above zero"),
        (", half_life: 1d, steps: [{after: 1d, keep: 0}]", "scoring.rules[0].steps: cannot stand"),
        (", steps: [{after: 0d, keep: 5}]", "scoring.rules[0].steps[0].after: is no duration"),
        (
            ", steps: [{after: 7d, keep: 50}, {after: 1w, keep: 0}]",
            "scoring.rules[0].steps[1].after: must come later",
        ),
        (
            ", steps: [{after: 7d, keep: 50}, {after: 8d, keep: 60}]",
            "scoring.rules[0].steps[1].keep: cannot be more",
        ),
        (", steps: [{after: 7d, keep: 101}]", "scoring.rules[0].steps[0].keep:"),
        (", once: false, most: 0", "scoring.rules[0].most:"),
    ],
)
def test_what_cannot_be_meant_is_wrong(more: str, said: str) -> None:
    found = wrong(VALID + RULE.format(more))
    assert any(said in each for each in found), found


def test_more_points_than_a_score_can_hold_are_wrong() -> None:
    text = VALID + RULE.format("").replace("points: 10", "points: 10001")
    assert any("points: must be between -10000 and 10000" in each for each in wrong(text))


def test_most_of_a_rule_that_counts_once_is_warned_about() -> None:
    [said] = warned(VALID + RULE.format(", most: 5"))
    assert "scoring.rules[0].most: has an effect only on a rule that repeats" in said
    assert warned(VALID + RULE.format(", most: 5, once: false, half_life: 14d")) == []


def test_groups_are_capped_unless_told_otherwise() -> None:
    assert Caps() == Caps(fit=100, engagement=100)
    assert Caps.model_validate({"fit": None}).fit is None
