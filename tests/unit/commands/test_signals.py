"""Who is told to end while it loads ends, whatever the process is at."""

from __future__ import annotations

import subprocess
import sys

TOLD_WHILE_C_CALLS_BACK = """
import asyncio, os, signal
from services import early

class Dropped:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)  # what is raised here, Python drops

early.listen()
Dropped()

from services.commands import signals

async def main():
    stop = asyncio.Event()
    signals.listen(stop, print)
    await asyncio.wait_for(stop.wait(), 30)

asyncio.run(main())
"""


def test_invariant_16_an_end_that_was_dropped_while_it_loaded_is_remembered() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", TOLD_WHILE_C_CALLS_BACK],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert "Exception ignored" in ended.stderr
    assert ended.returncode == 0, ended.stderr
