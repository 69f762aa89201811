"""Working hours that can never hold are refused, with line and field."""

from __future__ import annotations

import pytest

from tests.unit.common.configuration.test_load import VALID, warned, wrong


def organised(week: str) -> str:
    return VALID.replace("{name: Nil}", f"{{working_week: {week}}}", 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (organised("{}"), "line 1: organisation.working_week: has no hours at all"),
        (
            organised('{sat: ["09:00-13:00", "12:30-17:00"]}'),
            "line 1: organisation.working_week.sat[0]: overlaps with another range",
        ),
        (
            VALID.replace("fallback: desk", "fallback: desk, sla: {accept_within: 0m}", 1),
            "line 7: routing.sla.accept_within: must be at least a second",
        ),
        (
            VALID.replace("fallback: desk", "fallback: desk, sla: {accept_within: 9y}", 1),
            "line 7: routing.sla.accept_within: must be at least a second",
        ),
    ],
)
def test_what_never_holds_is_refused(text: str, said: str) -> None:
    assert any(line.startswith(said) for line in wrong(text)), wrong(text)


def test_what_has_no_effect_is_warned_about() -> None:
    held = VALID.replace("fallback: desk", "fallback: desk, outside_hours: hold", 1)
    assert any("always open" in line for line in warned(held))
    timed = VALID.replace("fallback: desk", "fallback: desk, sla: {accept_within: 5m}", 1)
    assert any("no team has a manager" in line for line in warned(timed))


def test_two_ranges_that_meet_are_fine() -> None:
    meeting = organised('{sat: ["12:00-16:00", "09:00-12:00"], thu: ["20:00-24:00"]}')
    assert warned(meeting) == []
