"""How long what runs beside the door waits before it is started again."""

from __future__ import annotations

from services.capture.background import FIRST_PAUSE, LONGEST_PAUSE, STEADY, longer


def _after(*worked: float) -> float:
    pause = FIRST_PAUSE
    for seconds in worked:
        pause = longer(pause, seconds)
    return pause


def test_the_pause_grows_with_failures_that_follow_each_other() -> None:
    assert _after(0.1) == 2 * FIRST_PAUSE
    assert _after(0.1, 0.1) == 4 * FIRST_PAUSE
    assert _after(*[0.1] * 20) == LONGEST_PAUSE


def test_a_failure_after_steady_work_counts_as_the_first_again() -> None:
    assert _after(*[0.1] * 20, STEADY + 1) == _after(0.1)
    assert _after(*[0.1] * 20, STEADY - 1) == LONGEST_PAUSE
