"""Callers who keep at it while a server ends: each says what became of what it sent."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

_SECONDS: Final = 15.0
"""For one answer; whoever gets none in this time has been left hanging."""
_PAUSE: Final = 0.02


@dataclass
class Callers:
    """Some on connections that they keep, some on a new one each time, all over and over.

    `refused` were let in no more, which loses nothing: they have not sent anything. `dropped`
    sent a whole request, on a connection that nobody had called off, and got no answer.
    """

    port: int
    request: bytes
    keeping: int = 6
    fresh: int = 3
    answers: Counter[int] = field(default_factory=Counter)
    refused: int = 0
    dropped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the calls under way end."""
        self._over.set()
        self._thread.join(2 * _SECONDS)

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(self.keeping + self.fresh):
                group.create_task(self._call(keep=number < self.keeping))

    async def _call(self, *, keep: bool) -> None:
        while not self._over.is_set():
            await asyncio.sleep(_PAUSE)
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                self.refused += 1
                continue
            while await self._ask(reader, writer) and keep and not self._over.is_set():
                pass
            writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request; whether the connection may be used again."""
        try:
            writer.write(self.request)
            async with asyncio.timeout(_SECONDS):
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or b"0"))
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.dropped.append(type(error).__name__)
            return False
        await asyncio.sleep(_PAUSE)
        self.answers[int(head.split(b" ", 2)[1])] += 1
        return b"connection: close" not in head


class Hanging:
    """A provider that takes everything and never says a word."""

    def __init__(self) -> None:
        self.taken = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        serving = asyncio.start_server(self._take, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(serving, self._loop).result(10)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken += 1
        with contextlib.suppress(OSError):
            while await reader.read(65536):
                pass
        writer.close()

    def close(self) -> None:
        """Let everybody go."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
