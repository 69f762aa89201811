"""Which faults a gate does: as many as are asked for, by its seed, and never without some."""

from __future__ import annotations

import pytest

from tests.faults.storm import wishes as asking
from tests.faults.storm.rows import FAULTS
from tests.faults.storm.wishes import wishes


def names(monkeypatch: pytest.MonkeyPatch, **told: str) -> list[str]:
    for name in ("SEED", "LONG", "FAULTS", "KINDS"):
        monkeypatch.setenv(name, told.get(name, ""))
    return [fault.name for fault in wishes().chosen()[0]]


def test_the_same_seed_draws_the_same_and_another_others(monkeypatch: pytest.MonkeyPatch) -> None:
    first = names(monkeypatch, SEED="one", KINDS="12")
    assert first == names(monkeypatch, SEED="one", KINDS="12")
    assert len(first) == 12
    assert any(names(monkeypatch, SEED=str(n), KINDS="12") != first for n in range(5))


def test_what_a_run_must_have_met_is_never_left_to_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {fault.name for fault in FAULTS}
    assert set(asking._ALWAYS) <= known  # noqa: SLF001 - a misspelt name would be left out silently
    possible = names(monkeypatch, KINDS="99")
    for n in range(20):
        drawn = names(monkeypatch, SEED=str(n))
        assert set(asking._ALWAYS) & set(possible) <= set(drawn)  # noqa: SLF001


def test_a_long_run_and_a_chosen_one_leave_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(names(monkeypatch, LONG="1", KINDS="3")) > len(FAULTS) / 2
    assert len(names(monkeypatch, FAULTS="provider", KINDS="1")) == 5
