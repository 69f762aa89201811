"""When the next slice of a stage is begun: at once while it is calm, in groups while it is not."""

from __future__ import annotations

import pytest

from libs.common.stage.tempo import ENOUGH, ENOUGH_BYTES, GATHER_SECONDS, LONGEST_SECONDS, Tempo

LANES = 12


def after(rate: float, each: int = 1) -> tuple[Tempo, float]:
    """A member that has been given `each` records at a time for five seconds, and the moment."""
    tempo, steps = Tempo(LANES), round(5 * rate / each)
    for step in range(steps):
        tempo.begun(step * each / rate, each, 1000 * each)
    return tempo, (steps - 1) * each / rate


def test_the_first_record_is_taken_at_once() -> None:
    assert Tempo(LANES).rest(1000.0, LANES) == 0


@pytest.mark.parametrize("rate", [1, 10, 50, 90])
def test_at_a_calm_rate_nobody_waits(rate: float) -> None:
    tempo, now = after(rate)
    assert tempo.rest(now, LANES) == 0


def test_a_few_at_once_are_not_a_rate() -> None:
    tempo = Tempo(LANES)
    tempo.begun(1000.0, 20, 20_000)
    assert tempo.rest(1000.0, LANES) == 0


def test_at_a_busy_rate_slices_are_begun_so_far_apart() -> None:
    tempo, now = after(200)
    assert tempo.rest(now, LANES) == pytest.approx(GATHER_SECONDS)
    assert tempo.rest(now + 0.015, LANES) == pytest.approx(GATHER_SECONDS - 0.015)
    assert tempo.rest(now + GATHER_SECONDS, LANES) == 0


def test_two_who_share_the_lanes_gather_as_many_records_as_one() -> None:
    tempo, now = after(100)
    assert tempo.rest(now, LANES // 2) == pytest.approx(2 * GATHER_SECONDS)


def test_two_who_share_a_calm_rate_do_not_wait() -> None:
    tempo, now = after(25)
    assert tempo.rest(now, LANES // 2) == 0


@pytest.mark.parametrize("own", [1, 2])
def test_one_of_many_who_would_gather_nobody_does_not_wait(own: int) -> None:
    tempo, now = after(0.9 * 2 / LONGEST_SECONDS)
    assert tempo.rest(now, own) == 0


def test_nobody_waits_for_longer_than_that() -> None:
    tempo, now = after(100)
    assert tempo.rest(now, 1) == pytest.approx(LONGEST_SECONDS)


def test_who_is_behind_does_not_wait() -> None:
    tempo, now = after(2_000, each=ENOUGH)
    assert tempo.rest(now, LANES) == 0


def test_who_is_behind_with_few_large_records_does_not_wait() -> None:
    tempo, now = after(200)
    tempo.begun(now, ENOUGH - 1, ENOUGH_BYTES)
    assert tempo.rest(now, LANES) == 0


def test_who_holds_nothing_does_not_wait() -> None:
    tempo, now = after(200)
    assert tempo.rest(now, 0) == 0


def test_after_a_pause_the_rate_is_forgotten() -> None:
    tempo, now = after(200)
    tempo.begun(now + 5, 1, 1000)
    assert tempo.rest(now + 5, LANES) == 0
