"""Processes that are measured: started, pinned, weighed, ended."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_TICK: Final = os.sysconf("SC_CLK_TCK")


class Process:
    """One program under measurement."""

    def __init__(
        self, command: list[str], environment: Mapping[str, str], output: Path, pin: int | None
    ) -> None:
        with output.open("ab") as file:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )
        self._output = output
        if pin is not None:
            os.sched_setaffinity(self._process.pid, {pin})

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def check(self) -> None:
        """Raise if it has ended, with the end of what it said."""
        if self._process.poll() is not None:
            said = self._output.read_text("utf-8", errors="replace")[-2000:]
            raise RuntimeError(f"ended with {self._process.returncode}: {said}")

    def wait_listening(self, port: int, seconds: float = 90) -> None:
        """Until somebody answers on the port."""
        deadline = time.monotonic() + seconds
        while True:
            self.check()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            if time.monotonic() > deadline:
                raise TimeoutError(f"nobody listens on {port}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask it to end; kill it after 25 seconds."""
        self._process.terminate()
        try:
            self._process.wait(25)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def python(*arguments: str) -> list[str]:
    """A command of this interpreter."""
    return [sys.executable, *arguments]


def cpu_seconds(pids: Iterator[int] | list[int]) -> float:
    """Processor time of these processes and all below them, ended ones included."""
    return sum(_ticks(pid) for root in pids for pid in _tree(root)) / _TICK


def memory_mib(pid: int) -> float:
    """What it holds in memory (VmRSS), in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tree(root: int) -> Iterator[int]:
    yield root
    try:
        children = Path(f"/proc/{root}/task/{root}/children").read_text("utf-8").split()
    except OSError:
        return
    for child in children:
        yield from _tree(int(child))


def _ticks(pid: int) -> int:
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(each) for each in after_name[11:15])
