"""Which configuration is in force: a row in Postgres with a version, fed by the file."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import asyncpg
import structlog
from pydantic import ValidationError

from libs.common.configuration import store
from libs.common.configuration.load import Loaded, load_file, parse, unset
from libs.common.configuration.problems import Invalid, Problem
from libs.common.configuration.schema import Configuration
from libs.common.database import Database, Transaction
from libs.common.errors import Retry
from libs.common.events.values import Text
from libs.common.refusal import Refusal

_log = structlog.get_logger("configuration")
_POLL: Final = 1.0
"""Seconds between looks at the file."""
_WRITTEN_WITHIN: Final = 2.0
"""Seconds that whoever writes the file gets: empty or cut it is read again, and not yet refused."""
_UNMIGRATED: Final = ("42P01", "3F000")
"""SQLSTATE of a table, or a schema, that is not there yet."""


class Active(NamedTuple):
    """A configuration and its version (0: from the file, not yet stored)."""

    version: int
    content: Configuration


class Configurations:
    """The configuration now in force. Raises Refusal (Invalid) when made from a bad file."""

    def __init__(
        self,
        path: Path,
        database: Database,
        environment: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.path = path
        self._clock = clock
        self._doubtful_since: float | None = None
        self._wrong: tuple[Problem, ...] = ()
        self._unkept: tuple[Problem, ...] = ()
        self._database = database
        self._environment = os.environ if environment is None else environment
        self._seen = self._stamp()
        self._file = self._load()
        self._version = 0
        self._stored: Active | None = None
        self._foreign: int | None = None

    @property
    def refused(self) -> tuple[Problem, ...]:
        """Why the file as it is now is not in force everywhere; empty when it is."""
        return (*self._wrong, *self._unkept)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What the file in force says that has no effect, or perhaps not the one meant."""
        return self._file.warnings

    def from_file(self) -> Active:
        """What the file says (the last valid one); capture decides by this, database or not."""
        return Active(self._version, self._file.configuration)

    async def in_force(self, tx: Transaction) -> Active:
        """What the stored row says, read in the slice's own transaction (cached by version).

        Raises Retry("configuration") while a secret that it names is not in the environment.
        """
        last = await store.newest(tx)
        if last is None:
            self._version = 0  # not stored yet, or the database is a new one: `watch` stores it
            return Active(0, self._file.configuration)
        version, digest = last
        if self._stored is None or self._stored.version != version:
            if digest == self._file.digest:
                self._stored = Active(version, self._file.configuration)
            else:
                self._stored = await self._read(tx, version)
        return self._stored

    async def keep(self) -> None:
        """Store the file's content as the next version, if it is not the newest already."""
        loaded = self._file
        async with self._database.transaction() as tx:
            version = await store.keep(tx, loaded.digest, loaded.written)
        if loaded is self._file:
            self._version = version

    async def watch(self, changed: Callable[[], None] | None = None) -> None:
        """Take up changes of the file, until cancelled; a bad one is refused and logged.

        Whatever goes wrong with one file is shown as refused, and the next is looked at.
        """
        while True:
            try:
                await self._look(changed)
            except Exception as error:
                _log.exception("configuration not looked at", file=str(self.path))
                self._wrong = (_unexpected(error),)
            await asyncio.sleep(_POLL)

    async def _look(self, changed: Callable[[], None] | None) -> None:
        stamp, since = self._stamp(), self._doubtful_since
        if stamp != self._seen or since is not None:
            self._seen, self._doubtful_since = stamp, None
            wrong = await asyncio.to_thread(self._take_up)
            if not wrong:
                if changed:
                    changed()
            elif since is not None and self._clock() - since >= _WRITTEN_WITHIN:
                self._refuse(wrong)
            else:
                self._doubtful_since = self._clock() if since is None else since
        if self._version == 0:
            await self._try_to_keep()

    def _take_up(self) -> tuple[Problem, ...]:
        """Go by the file as it is now; what is wrong with it, where it cannot be gone by."""
        try:
            loaded = self._load()
        except Invalid as refused:
            return refused.problems
        except Refusal as refused:
            return (Problem(0, "", refused.text),)
        self._wrong = ()
        if loaded.digest != self._file.digest:
            self._file, self._version = loaded, 0
            _log.info("configuration changed", file=str(self.path))
        return ()

    def _refuse(self, wrong: tuple[Problem, ...]) -> None:
        self._wrong = wrong
        for problem in wrong:
            _log.error("configuration refused", file=str(self.path), problem=problem.of("en"))

    async def _try_to_keep(self) -> None:
        try:
            await self.keep()
        except Retry:  # away: the next look
            _log.debug("configuration not stored yet")
        except asyncpg.PostgresError as error:
            state = str(error.sqlstate)
            if state in _UNMIGRATED:
                _log.debug("configuration not stored yet")
            else:
                self._not_kept(state)
        except Exception as error:  # what cannot be stored holds up no later file
            self._not_kept(type(error).__name__)
        else:
            self._unkept = ()

    def _not_kept(self, code: str) -> None:
        if not self._unkept:
            _log.error("configuration not stored", file=str(self.path), code=code)
        words = Text(
            f"پایگاه داده آن را ذخیره نکرد (کد {code})؛ دوباره امتحان می‌شود",
            f"it could not be stored in the database (code {code}); it is tried again",
        )
        self._unkept = (Problem(0, "", words),)

    async def _read(self, tx: Transaction, version: int) -> Active:
        written = await store.content(tx, version)
        missing = unset(written, self._environment)
        if missing:
            _log.error("configuration needs secrets", version=version, missing=missing)
            raise Retry("configuration")
        try:
            return Active(version, parse(written, self._environment))
        except ValidationError:  # of a newer release: go on by the last one understood
            if self._foreign != version:
                _log.error("configuration is of another release", version=version)
            self._foreign = version
            if self._stored is None:
                raise Retry("configuration") from None
            return self._stored

    def _load(self) -> Loaded:
        return load_file(self.path, self._environment)

    def _stamp(self) -> tuple[int, ...] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size


def _unexpected(error: Exception) -> Problem:
    kind = type(error).__name__
    return Problem(
        0,
        "",
        Text(
            f"خطای پیش‌بینی‌نشده هنگام خواندنش ({kind})؛ تغییر بعدی دوباره خوانده می‌شود",
            f"an unexpected error while it was read ({kind}); its next change is read again",
        ),
    )
