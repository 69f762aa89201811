"""A process forked off loaded code is as one that was started: what it says, how it ends."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.system import System, eventually


@pytest.fixture
def systems() -> Iterator[tuple[System, System]]:
    started, forked = System("http://127.0.0.1:1"), System("http://127.0.0.1:1")
    forked.forks = True
    yield started, forked
    started.remove()
    forked.remove()


def _said(system: System, *arguments: str, **environment: str) -> tuple[int, str]:
    system.start("said", *arguments, **environment)
    status = system.processes.pop("said").wait(40)
    return status, (system.folder / "said.log").read_text("utf-8")


@pytest.mark.parametrize("arguments", [("config", "check", "/there-is-none"), ("no-such-word",)])
@pytest.mark.parametrize("language", ["C.UTF-8", "fa_IR.UTF-8"])
def test_they_say_the_same_and_end_alike(
    systems: tuple[System, System], arguments: tuple[str, ...], language: str
) -> None:
    started, forked = (_said(system, *arguments, LANG=language) for system in systems)
    assert started == forked
    assert started[0]
    assert started[1]


def test_it_dies_of_a_signal_as_the_other_does(systems: tuple[System, System]) -> None:
    _, forked = systems
    forked.start("desk", "serve", "desk")
    process = forked.processes["desk"]
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    assert Path(f"/proc/{process.pid}").exists()
    process.send_signal(signal.SIGKILL)
    assert eventually(process.poll, 120, "killed") == -signal.SIGKILL
    process.send_signal(signal.SIGINT)  # who has ended hears nothing
    assert not Path(f"/proc/{process.pid}").exists()


def test_a_forked_process_is_asked_to_end_as_by_ctrl_c(systems: tuple[System, System]) -> None:
    _, forked = systems
    forked.start("scoring", "serve", "scoring", SARNAKH_ADMIN_PORT="0")
    log = forked.folder / "scoring.log"
    eventually(partial(_is_there, log), 120, "a word")
    assert forked.stop() == {"scoring": 0}


def _is_there(log: Path) -> bool:
    return log.exists() and bool(log.stat().st_size)
