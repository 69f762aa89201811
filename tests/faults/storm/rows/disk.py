"""The spool's disk is full, fails to sync, or holds a record that was cut off in its midst."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Final

from services.capture.spool.frame import framed
from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm, until
from tests.faults.storm.supervisor import Unit

_DISK: Final = "256k"
_POSTS: Final = 250
_WAITING: Final = "sarnakh_capture_spool_waiting_records "


async def _full(storm: Storm, _draw: Random) -> str:
    """A second door with a tiny disk, while no broker takes anything."""
    data = storm.folder / "data" / "tiny"
    data.mkdir(parents=True, exist_ok=True)
    mounted = f'mount -t tmpfs -o size={_DISK} tmpfs "$0" && exec "$@"'
    unit = storm.unit("capture", "-tiny", data)
    unit.prefix = ("unshare", "-rm", "sh", "-c", mounted, str(data))
    async with _second_door(storm, unit):
        for proxy in storm.brokers.proxies:
            proxy.still()
        try:
            done = await storm.oracle.ask("post", kind="api", count=_POSTS, door=unit.health)
            is_ready = await storm.supervisor.is_ready(unit.name)
        finally:
            storm.brokers.flow()
        refused = done["refused"].get("503", 0)
        if not refused or not done["accepted"] or is_ready:
            raise AssertionError(f"a full disk was not told: {done}, ready: {is_ready}")
        await _drained(storm, unit)
        if done["accepted"] > 100:
            storm.sometimes["a spool that drained more than 100 records"] += 1
        again = await storm.oracle.ask("post", kind="api", count=5, door=unit.health)
        if again["accepted"] != 5:
            raise AssertionError(f"nothing is accepted after the disk was freed: {again}")
    return f"{done['accepted']} accepted, then {refused} times 503 and not ready; drained"


async def _failing(storm: Storm, _draw: Random) -> str:
    """A second door whose every third fdatasync fails."""
    unit = storm.unit("capture", "-failing")
    inject = "inject=fdatasync:error=EIO:when=5+3"
    unit.prefix = ("strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", inject)
    async with _second_door(storm, unit):
        done = await storm.oracle.ask("post", kind="api", count=60, door=unit.health)
        refused = done["refused"].get("503", 0)
        if not refused or not done["accepted"]:
            raise AssertionError(f"no fdatasync failed: {done}")
        await _drained(storm, unit)
    return f"{done['accepted']} accepted, {refused} times 503"


async def _torn(storm: Storm, draw: Random) -> str:
    """Capture dies in the midst of a write: half a record lies at its spool's end."""
    rounds = 10 if storm.is_long else 3
    for _ in range(rounds):
        await storm.supervisor.halt("capture", signal.SIGKILL)
        for segment in _last_segments(storm.folder / "data" / "capture" / "spool"):
            whole = framed(10**6, draw.randbytes(draw.randrange(1, 2000)))
            with segment.open("ab") as file:
                file.write(whole[: draw.randrange(1, len(whole))])
            storm.sometimes["a torn tail of a spool"] += 1
        storm.supervisor.go_on("capture")
        await storm.supervisor.ready("capture")
        await asyncio.sleep(0.5)
    return f"{rounds} tails torn"


def _last_segments(root: Path) -> Sequence[Path]:
    """The newest segment of each spool."""
    found = [sorted(spool.glob("*.segment")) for spool in root.iterdir() if spool.is_dir()]
    return [segments[-1] for segments in found if segments]


@asynccontextmanager
async def _second_door(storm: Storm, unit: Unit) -> AsyncIterator[None]:
    """Another capture, ready; it ends politely, with all that it accepted in the log."""
    storm.supervisor.add(unit)
    try:
        await storm.supervisor.ready(unit.name)
        yield
    finally:
        await storm.supervisor.remove(unit.name)


async def _drained(storm: Storm, unit: Unit) -> None:
    """Until the log has all that it accepted."""

    async def look() -> bool:
        return await storm.supervisor.is_ready(unit.name) and not await storm.supervisor.metric(
            unit.name, _WAITING
        )

    await until(look, 90, "the second door's spool is drained")


def _no_namespaces() -> str:
    if shutil.which("unshare") is None:
        return "there is no unshare"
    done = subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False)
    return "mount namespaces are not allowed here" if done.returncode else ""


def _no_strace() -> str:
    return "" if shutil.which("strace") else "there is no strace"


FAULTS = (
    Fault("the spool's disk full", "26", _full, lane="surroundings", absent=_no_namespaces),
    Fault("fdatasync fails", "27", _failing, absent=_no_strace),
    Fault("the spool's tail torn", "28", _torn),
)
