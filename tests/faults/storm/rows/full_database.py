"""Postgres's disk is full: every write of its processes fails with ENOSPC for a while."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from pathlib import Path
from random import Random
from typing import Final

from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm

_INJECT: Final = "inject=pwrite64,pwritev,pwritev2,fallocate:error=ENOSPC"
_SCOPE: Final = Path("/proc/sys/kernel/yama/ptrace_scope")


async def _full(storm: Storm, _draw: Random) -> str:
    """All backends that begin from now on meet it; the old ones' connections are cut."""
    tracer = await asyncio.create_subprocess_exec(
        *("strace", "-f", "-qq", "-o", "/dev/null", "-e", _INJECT, "-p", str(storm.postgres.pid))
    )
    try:
        await asyncio.sleep(0.5)
        if tracer.returncode is not None and storm.postgres.pid:
            raise AssertionError("strace could not attach to Postgres")
        storm.postgres.proxy.cut()
        await asyncio.sleep(30 if storm.is_long else 5)
    finally:
        with contextlib.suppress(ProcessLookupError):  # Postgres has ended, and strace with it
            tracer.send_signal(signal.SIGTERM)
        await tracer.wait()
        ended = not storm.postgres.pid
        await storm.postgres.again_if_down()
        storm.postgres.proxy.cut()
    return f"every write failed with ENOSPC; Postgres {'ended' if ended else 'went on'}"


def _no_tracing() -> str:
    if shutil.which("strace") is None:
        return "there is no strace"
    allowed = not _SCOPE.exists() or _SCOPE.read_text("utf-8").strip() == "0"
    return "" if allowed or os.geteuid() == 0 else "other processes may not be traced here"


FAULTS = (Fault("Postgres's disk full", "13", _full, lane="surroundings", absent=_no_tracing),)
