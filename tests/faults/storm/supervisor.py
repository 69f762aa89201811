"""Starts the services as an operator's service manager would, and again whenever one ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from tests.e2e.system import ROOT
from tests.faults.storm.timeline import Timeline

SERVICES: Final = ("capture", "enrichment", "scoring", "routing", "desk")
STAGES: Final = SERVICES[1:]
_AGAIN_AFTER: Final = 0.3
"""Seconds until one that ended is started again (RestartSec)."""


@dataclass
class Unit:
    """One process that is kept running."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    health: str
    """Address of its /readyz and /metrics."""
    process: subprocess.Popen[bytes] | None = None
    once: dict[str, str] = field(default_factory=dict)
    """Added to the environment of its next start only."""
    prefix: Sequence[str] = ()
    """Put before its command: strace, prlimit, faketime."""
    is_wanted: bool = True
    was_killed: bool = False
    kills: int = 0
    starts: int = 0
    started_at: float = 0.0


class Supervisor:
    """Keeps units running until told otherwise."""

    def __init__(self, folder: Path, timeline: Timeline) -> None:
        self._folder = folder
        self._timeline = timeline
        self.units: dict[str, Unit] = {}
        self.ended_alone: list[str] = []
        """Who ended without having been killed."""
        self._task: asyncio.Task[None] | None = None
        self._http = httpx.AsyncClient(timeout=2)

    def add(self, unit: Unit) -> Unit:
        """Start one and keep it."""
        self.units[unit.name] = unit
        self._start(unit)
        if self._task is None:
            self._task = asyncio.create_task(self._watch())
        return unit

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill it; it is started again as soon as it has ended."""
        unit = self.units[name]
        if unit.process is not None and unit.process.poll() is None:
            unit.was_killed = True
            unit.kills += 1
            unit.process.send_signal(how)
            self._timeline.killed(name, how.name)

    async def halt(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and leave it ended; its exit status."""
        unit = self.units[name]
        unit.is_wanted = False
        self.kill(name, how)
        assert unit.process is not None
        return await asyncio.to_thread(unit.process.wait, 30)

    def go_on(self, name: str) -> None:
        """Start one that was halted."""
        unit = self.units[name]
        unit.is_wanted = True
        self._start(unit)

    async def remove(self, name: str, how: signal.Signals = signal.SIGTERM) -> int:
        """End it for good; its exit status."""
        status = await self.halt(name, how)
        del self.units[name]
        return status

    async def ready(self, name: str, seconds: float = 120) -> float:
        """Wait until it says that it is; how long that took."""
        began = time.monotonic()
        while not await self.is_ready(name):
            if time.monotonic() - began > seconds:
                raise TimeoutError(f"{name} is not ready after {seconds:.0f} s")
            await asyncio.sleep(0.1)
        return time.monotonic() - began

    async def is_ready(self, name: str) -> bool:
        """Whether its /readyz answers 200."""
        with contextlib.suppress(httpx.HTTPError):
            answer = await self._http.get(f"{self.units[name].health}/readyz")
            return answer.status_code == 200
        return False

    async def metric(self, name: str, wanted: str) -> float:
        """The sum of a metric's samples whose line begins so; 0 while it does not answer."""
        with contextlib.suppress(httpx.HTTPError):
            answer = await self._http.get(f"{self.units[name].health}/metrics")
            lines = [line for line in answer.text.splitlines() if line.startswith(wanted)]
            return sum(float(line.rpartition(" ")[2]) for line in lines)
        return 0.0

    async def close(self) -> None:
        """End everything."""
        if self._task is not None:
            self._task.cancel()
        for unit in self.units.values():
            if unit.process is not None and unit.process.poll() is None:
                unit.process.terminate()
        for unit in self.units.values():
            if unit.process is not None:
                try:
                    await asyncio.to_thread(unit.process.wait, 25)
                except subprocess.TimeoutExpired:
                    unit.process.kill()
        await self._http.aclose()

    async def _watch(self) -> None:
        while True:
            for unit in list(self.units.values()):
                if unit.is_wanted and unit.process is not None and unit.process.poll() is not None:
                    await self._restart(unit)
            await asyncio.sleep(0.05)

    async def _restart(self, unit: Unit) -> None:
        assert unit.process is not None
        status = unit.process.returncode
        if not unit.was_killed:
            self.ended_alone.append(f"{unit.name} ({status})")
        self._timeline.note("ended", whom=unit.name, status=status, killed=unit.was_killed)
        await asyncio.sleep(_AGAIN_AFTER)
        if unit.is_wanted:
            self._start(unit)

    def _start(self, unit: Unit) -> None:
        environment = unit.environment | unit.once
        unit.once, unit.was_killed = {}, "SARNAKH_FAIL_POINT" in unit.once
        with (self._folder / f"{unit.name}.log").open("ab") as output:
            unit.process = subprocess.Popen(
                [*unit.prefix, *unit.command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        unit.starts += 1
        unit.started_at = time.monotonic()


def service(name: str, kind: str, environment: dict[str, str], health: int) -> Unit:
    """A unit that runs one of the five services."""
    command = (sys.executable, "-m", "services", "serve", kind)
    inherited = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return Unit(name, command, inherited | environment, f"http://127.0.0.1:{health}")
