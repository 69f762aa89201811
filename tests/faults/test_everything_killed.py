"""Everything killed at once, and one of two: nothing accepted is lost, nobody is told twice.

On the embedded log; on Kafka the storm does so beside much else (`make faults`).
"""

from __future__ import annotations

import pytest

from tests.e2e.receiver import Receiver
from tests.faults.sender import Sender, assert_nothing_lost_nothing_twice
from tests.plugins.installation import Install


@pytest.mark.parametrize("own_install", ["embedded"], indirect=True)
def test_invariant_01_everything_killed_five_times_under_load(
    own_install: Install, receiver: Receiver
) -> None:
    system = own_install()
    system.forks = True
    system.up()
    sender = Sender(system, per_second=50)
    try:
        for _ in range(5):
            sender.wait_for(25)
            system.kill_everything()
            system.up()
    finally:
        sender.stop()
    assert_nothing_lost_nothing_twice(system, receiver, sender)


@pytest.mark.parametrize("install", ["embedded"], indirect=True)
def test_invariant_01_one_of_two_processes_killed_is_made_up_for(
    install: Install, receiver: Receiver
) -> None:
    system = install()
    system.up_apart(copies=2)
    sender = Sender(system, per_second=20)
    try:
        for service in ("enrichment", "scoring", "routing", "desk"):
            sender.wait_for(20)
            system.kill(f"{service}-1")
        sender.wait_for(20)
    finally:
        sender.stop()
    assert_nothing_lost_nothing_twice(system, receiver, sender)
    assert set(system.stop().values()) == {0}
