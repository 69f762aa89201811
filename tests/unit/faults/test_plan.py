"""A storm is replayed by its seed, and every row of the list can be told from the others."""

from __future__ import annotations

from tests.faults.storm import plan
from tests.faults.storm.rows import AT_REST, FAULTS

LANES = {fault.name: fault.lane for fault in FAULTS}


def test_the_same_seed_is_the_same_plan() -> None:
    assert plan.draw("a", LANES, 2, 60) == plan.draw("a", dict(reversed(LANES.items())), 2, 60)
    assert plan.draw("a", LANES, 2, 60) != plan.draw("b", LANES, 2, 60)


def test_each_fault_is_done_once_a_round() -> None:
    drawn = [turn.fault for turn in plan.draw("a", LANES, 3, 0).turns]
    assert sorted(drawn) == sorted([*LANES] * 3)


def test_no_two_faults_have_one_name() -> None:
    names = [fault.name for fault in (*FAULTS, *AT_REST)]
    assert len(set(names)) == len(names)
