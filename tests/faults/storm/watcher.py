"""The orchestrator's line to the oracle's process."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.e2e.system import ROOT


class Watcher:
    """Asks the oracle; it runs in a process of its own that nobody kills."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._reading: asyncio.Task[None] | None = None
        self.port = 0
        """Where the provider listens."""
        self.bot = ""
        """Address of its bot API."""

    @classmethod
    async def start(cls, folder: Path, door: str, seed: str) -> Watcher:
        """Start it. Its ledger is `ledger.jsonl` in the folder."""
        with (folder / "oracle.log").open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.faults.storm.oracle", str(folder), door, seed),
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                limit=1 << 20,
            )
        made = cls(process)
        assert process.stdout is not None
        said = json.loads(await process.stdout.readline())
        made.port, made.bot = said["port"], said["bot"]
        made._reading = asyncio.create_task(made._read())
        return made

    async def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Have it do something; what it answers. Raises RuntimeError with its complaint."""
        number = next(self._numbers)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[number] = future
        line = json.dumps({"number": number, "do": do, **arguments}) + "\n"
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode())
        answer = await future
        if "error" in answer:
            raise RuntimeError(f"the oracle could not {do}: {answer['error']}")
        return answer

    async def stop(self) -> None:
        """Let it close its ledger and end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        await asyncio.wait_for(self._process.wait(), 15)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            answer = json.loads(line)
            self._asked.pop(answer["number"]).set_result(answer)
        for future in self._asked.values():
            future.set_exception(RuntimeError("the oracle has ended; see oracle.log"))
