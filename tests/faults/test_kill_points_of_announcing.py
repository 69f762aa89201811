"""SIGKILL while managers are told of a source: whoever comes next tells it, and nobody twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.forking import Running
from tests.e2e.receiver import Receiver, Told
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

POINTS = ("routing.announcement.claimed", "routing.announcement.sent")
"""One message passes both: claimed by a process that dies, sent by one that cannot say so."""


def _has_ended(process: Running) -> bool:
    return process.poll() is not None


def _configure(system: System, ends: datetime) -> None:
    """With a source whose token ends within days, and somebody who answers for a team."""
    written = system.config.read_text(encoding="utf-8")
    written = written.replace(
        "sources:\n",
        "sources:\n  - {key: ads, kind: meta, secret: s, access_token: t, reconcile: off,"
        f' api_url: "http://127.0.0.1:9", token_expires: {ends.date()}}}\n',
    )
    written = written.replace("- key: seo\n", "- key: seo\n    manager: mina\n")
    system.config.write_text(written, encoding="utf-8")


def _of_the_token(receiver: Receiver, before: int) -> list[Told]:
    return [one for one in receiver.told[before:] if one.body["type"] == "source.token_expiring"]


@pytest.mark.parametrize("install", ["embedded"], indirect=True)
def test_invariant_12_a_process_killed_while_it_tells_a_manager_leaves_it_told_once(
    install: Install, receiver: Receiver
) -> None:
    system, before = install(), len(receiver.told)
    _configure(system, datetime.now(ZoneInfo("Asia/Tehran")) + timedelta(days=2))
    missed = []
    for point in POINTS:
        system.start("up", "up", SARNAKH_FAIL_POINT=point)
        try:
            eventually(partial(_has_ended, system.processes["up"]), 120, point)
        except AssertionError:
            missed.append(point)
        system.processes.pop("up").kill()
    assert not missed, f"never reached: {missed}\n{system.output()[-2000:]}"
    assert len(_of_the_token(receiver, before)) == 1
    system.up()
    eventually(lambda: len(_of_the_token(receiver, before)) > 1, 120, "the repeat")
    (identity,) = {one.webhook_id for one in _of_the_token(receiver, before)}
    assert identity
    assert {one.specialist for one in _of_the_token(receiver, before)} == {"mina"}
