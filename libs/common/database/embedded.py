"""A Postgres that comes with the program and is shared by all who use one data folder.

Who starts it and who stops it is decided by two locks (flock, so a killed process lets go):
`turn` is held while anybody starts or stops it, `users` is held shared by everyone who uses it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from libs.common.database import server
from libs.common.database.place import Place, place
from libs.common.refusal import Refusal

_TURN_WITHIN: Final = 120.0
_TURN_AT_THE_END: Final = 1.0
"""Seconds for the turn of a process that ends without its loop."""
_AT_THE_END: Final = 0.5, 1.0
"""Seconds for a polite stop then, and for one at once."""
_PORTS: Final = 5
"""How many are tried by a server that was never there."""


class EmbeddedPostgres:
    """One process's hold on the server of `folder`: the first in starts it, the last out stops it.

    `durable=False` switches fsync off, for tests only.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.durable = durable
        self._place: Place | None = None
        self._users: int | None = None
        self._watch: asyncio.Task[None] | None = None
        self._busy = threading.Lock()
        """A start in work goes on in its thread when its task is cancelled; a stop waits for it."""
        self._our_turn = False

    async def claim(self) -> str:
        """Be one of its users, whether it runs yet or not; returns its URL. Raises Refusal."""
        self._prepare()
        async with self._turn():
            self._users = self._lock("users")
            alone = _try(self._users, fcntl.LOCK_EX)
            _try(self._users, fcntl.LOCK_SH)
            self._place = await asyncio.to_thread(place, self.folder)
            running = server.running(self._place.data)
            if alone and not running and not server.is_free(self._port()):
                self._write("port", str(server.free_port()))
            return self._url()  # in our turn: who comes first makes port and password

    async def start(self) -> str:
        """Use it, starting it where nobody has; returns its URL. Raises Refusal."""
        if self._place is None:
            await self.claim()
        async with self._turn():
            await asyncio.to_thread(self._bring_up)
            url = self._url()
        if self._watch is None:
            self._watch = asyncio.create_task(self._keep_up())
        return url

    async def stop(self, within: float = 8.0) -> None:
        """Let go of it; where nobody else uses it, it ends (in bounded time, nothing is lost)."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._users is None or self._place is None:
            return
        async with self._turn():
            alone = _try(self._users, fcntl.LOCK_EX)
            if alone:
                await asyncio.to_thread(self._bring_down, self._place, within)
            os.close(self._users)
            self._users = self._place = None

    def end_now(self) -> None:
        """End it without the loop, from any thread, where nobody else uses it.

        For a process that ends itself: in four seconds at most, and what is committed is safe.
        """
        users, where = self._users, self._place
        if users is None or where is None:
            return
        turn = self._lock("turn")
        try:
            until = time.monotonic() + _TURN_AT_THE_END
            while not (mine := self._our_turn or _try(turn, fcntl.LOCK_EX)):
                if time.monotonic() > until:
                    break  # another process's: it uses the server, and is the one to end it
                time.sleep(0.02)
            if mine and _try(users, fcntl.LOCK_EX):
                self._bring_down(where, *_AT_THE_END)
        finally:
            os.close(turn)

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return server.running(self._place.data) if self._place else None

    def _prepare(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
            os.close(self._lock("turn"))
        except OSError as error:
            raise Refusal(
                f"در {self.folder} نمی‌توان نوشت: {error.strerror}.",
                f"Cannot write in {self.folder}: {error.strerror}.",
            ) from error

    def _bring_up(self) -> None:
        """Have it running, on the port that its users know."""
        where = self._where()
        with self._busy:
            is_new = not where.data.exists()
            if is_new:
                server.create(where, self._password(), durable=self.durable)
            for _ in range(_PORTS):
                if server.running(where.data) or server.start(
                    where, self._port(), self.folder / "log", durable=self.durable
                ):
                    return
                if not is_new or server.is_free(self._port()):
                    break
                (self.folder / "port").unlink()  # somebody was quicker, and nobody knows ours yet
        raise Refusal(
            f"پایگاه داده بالا نیامد؛ دلیلش در {self.folder / 'log'} است.",
            f"The database did not start; the reason is in {self.folder / 'log'}.",
        )

    def _bring_down(self, where: Place, within: float, at_once: float = 3.0) -> None:
        free = self._busy.acquire(timeout=within)
        try:
            server.stop(where.data, within, at_once)
        finally:
            if free:
                self._busy.release()

    async def _keep_up(self) -> None:
        """Start it again when it was killed."""
        while True:
            await asyncio.sleep(0.5)
            if await asyncio.to_thread(server.running, self._where().data):
                continue
            with suppress(Refusal, OSError, TimeoutError):
                async with self._turn():
                    await asyncio.to_thread(self._bring_up)

    def _where(self) -> Place:
        if self._place is None:
            raise RuntimeError("claim it first")
        return self._place

    def _url(self) -> str:
        return server.url(self._port(), self._password())

    def _password(self) -> str:
        return self._kept("password", lambda: secrets.token_urlsafe(24))

    def _port(self) -> int:
        return int(self._kept("port", lambda: str(server.free_port())))

    def _kept(self, name: str, make: Callable[[], str]) -> str:
        path = self.folder / name
        if not path.exists():
            self._write(name, make())
        return path.read_text(encoding="utf-8").strip()

    def _write(self, name: str, text: str) -> None:
        fresh = self.folder / f"{name}.new"
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.folder / name)

    def _lock(self, name: str) -> int:
        return os.open(self.folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        handle = self._lock("turn")
        try:
            async with asyncio.timeout(_TURN_WITHIN):
                while not _try(handle, fcntl.LOCK_EX):  # noqa: ASYNC110 - another process lets go of it
                    await asyncio.sleep(0.02)
            self._our_turn = True
            try:
                yield
            finally:
                self._our_turn = False
        finally:
            os.close(handle)


def _try(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
