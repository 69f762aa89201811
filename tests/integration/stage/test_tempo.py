"""The loop begins its slices as far apart as the tempo says; how far that is: the unit tests."""

from __future__ import annotations

import pytest

from libs.common.stage import tempo
from libs.common.stage.tempo import Tempo
from tests.integration.stage.conftest import Running, Tally, an_event

APART = 0.4


async def test_slices_are_begun_as_far_apart_as_the_tempo_says(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, note = [], Tempo.begun

    def begins(self: Tempo, now: float, records: int, size: int) -> None:
        begun.append((now, records, size))
        note(self, now, records, size)

    monkeypatch.setattr(Tempo, "begun", begins)
    monkeypatch.setattr(tempo, "GATHER_SECONDS", APART)
    monkeypatch.setattr(tempo, "LONGEST_SECONDS", APART)
    monkeypatch.setattr(tempo, "WORTH", 0.0)  # worth it at any rate
    running.start(Tally())
    await running.send(an_event("touch", "w1"))
    await running.until(lambda: len(begun) == 1)
    await running.send(an_event("touch", "w2"))
    await running.until(lambda: len(begun) == 2)
    (first, one, size), (second, _, _) = begun
    assert second - first > APART - 0.01
    assert one == 1
    assert size > 100
