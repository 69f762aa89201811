"""SIGKILL around the waiting queue: nobody is lost in it, and nobody is told twice."""

from __future__ import annotations

import uuid
from functools import partial

from tests.e2e.forking import Running
from tests.e2e.receiver import Receiver
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

POINTS = ("routing.offering", "routing.offered", "routing.applied", "routing.published")
LEADS = 6


def _has_ended(process: Running) -> bool:
    return process.poll() is not None


def test_rule_18_a_queue_survives_a_kill_at_each_of_its_points(
    install: Install, receiver: Receiver
) -> None:
    system = install()
    full = system.config.read_text(encoding="utf-8")
    for key in ("sara", "reza"):
        name = f"{{key: {key}, name: {key.title()},"
        assert name in full
        full = full.replace(name, f"{name} capacity: {{open: 0}},")
    free = full.replace(" capacity: {open: 0},", "")
    system.config.write_text(full, encoding="utf-8")
    system.up()
    submissions = [_post(system) for _ in range(LEADS)]
    for submission in submissions:
        system.submission(submission, "waiting")
    eventually(lambda: system.books()["balanced"], 120, "balanced, though all wait")
    system.kill()
    system.config.write_text(free, encoding="utf-8")
    missed = []
    for point in POINTS:
        system.start("up", "up", SARNAKH_FAIL_POINT=point)
        try:
            eventually(partial(_has_ended, system.processes["up"]), 120, point)
        except AssertionError:
            missed.append(point)
        system.processes.pop("up").kill()
    system.up()
    for submission in submissions:
        lead_id = system.submission(submission, "notified", seconds=120)["lead_id"]
        assert len(receiver.of_lead(lead_id)) == 1
    assert system.settled_books()["balanced"]
    assert not missed, missed


def _post(system: System) -> str:
    answer = system.post_lead(
        {
            "phone": f"0912{uuid.uuid4().int % 10**7:07d}",
            "page_url": "https://nil.example/services/seo",
        }
    )
    return str(answer.json()["submission_id"])
