"""SIGKILL between any two lines: nothing accepted is lost, nobody is told twice.

On Kafka at the points where the log matters; a long storm dies at all (`make faults LONG=1`).
"""

from __future__ import annotations

from functools import partial

from tests.e2e.forking import Running
from tests.e2e.receiver import Receiver
from tests.e2e.system import eventually
from tests.faults.sender import Sender, assert_nothing_lost_nothing_twice
from tests.plugins.installation import Install

POINTS = (
    "capture.spool.written",
    "capture.spool.synced",
    "capture.published",
    *(
        f"{stage}.{point}"
        for stage in ("enrichment", "scoring", "routing", "desk")
        for point in ("applied", "published")
    ),
    "scoring.appended",
    "routing.appended",
    "routing.claimed",
    "routing.sent",
    "routing.settled",
)

ON_KAFKA = ("capture.published", "enrichment.applied", "scoring.published", "routing.published")


def _has_ended(process: Running) -> bool:
    return process.poll() is not None


def test_invariant_01_a_process_killed_at_each_point_loses_and_doubles_nothing(
    install: Install, receiver: Receiver
) -> None:
    system = install()
    system.up()
    sender = Sender(system, per_second=10)
    missed = []
    on_kafka = system.environment["SARNAKH_KAFKA_BOOTSTRAP_SERVERS"]
    points = ON_KAFKA if on_kafka else POINTS
    try:
        system.kill()
        for point in points:
            system.start("up", "up", SARNAKH_FAIL_POINT=f"{point}:2")
            process = system.processes["up"]
            try:
                eventually(partial(_has_ended, process), 120, point)
            except AssertionError:
                missed.append(point)
            system.processes.pop("up").kill()
        system.up()
    finally:
        sender.stop()
    assert not missed, f"never reached: {missed}\n{system.output()[-2000:]}"
    assert_nothing_lost_nothing_twice(system, receiver, sender)
