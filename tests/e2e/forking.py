"""Processes of an installation that are forked off one which has loaded the code already.

For tests that start the same thing again and again, to see how it ends: of a start's 1.3 s of a
processor, a second is spent on loading modules. From the first line of `main` on everything is as
in a process that a user has started.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["tests.e2e.loaded"])


class Running(Protocol):
    """What tests ask of a process, whichever way it was started."""

    @property
    def pid(self) -> int:
        """Its number."""

    def poll(self) -> int | None:
        """Its status once it has ended; below zero: of which signal it died."""

    def wait(self, timeout: float | None = None, /) -> int:
        """The same; raises subprocess.TimeoutExpired after so many seconds."""

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, where it has not ended."""

    def terminate(self) -> None:
        """SIGTERM."""

    def kill(self) -> None:
        """SIGKILL."""


class Forked:
    """One of them."""

    def __init__(self, arguments: Sequence[str], env: Mapping[str, str], output: Path) -> None:
        self._process = _server.Process(
            target=_main, args=(tuple(arguments), dict(env), str(output)), daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid or 0

    def poll(self) -> int | None:
        """Its status once it has ended; below zero: of which signal it died."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None, /) -> int:
        """The same; raises subprocess.TimeoutExpired after so many seconds."""
        self._process.join(timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired("forked", timeout or 0)
        return status

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, where it has not ended."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def terminate(self) -> None:
        """SIGTERM."""
        self._process.terminate()

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()


def _main(arguments: Sequence[str], env: Mapping[str, str], output: str) -> None:
    """`python -m services ...` from its first line on, in this environment, said to that file."""
    os.chdir(Path(__file__).parents[2])
    os.environ.clear()
    os.environ.update(env)
    said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(said, 1)
    os.dup2(said, 2)
    os.close(said)
    sys.argv = ["python -m services", *arguments]
    from services.__main__ import main  # noqa: PLC0415 - loaded where the fork is made, not here

    main()
