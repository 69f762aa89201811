"""Lists that staff bring: received as files, looked at, and handed to the worker."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import msgspec

from libs.common.database import Transaction
from libs.common.events import Event
from libs.common.normal.text import clean
from libs.common.runtime import Runtime
from services.desk.acting.taking import Conflict, Unknown
from services.desk.imports.check import Judged, errors_file, judged
from services.desk.imports.choice import Choice
from services.desk.imports.columns import Column
from services.desk.imports.contacts import address, e164
from services.desk.imports.entering import ended
from services.desk.imports.judge import Reading, Taken
from services.desk.imports.readings import reading, shape_of
from services.desk.imports.table import look, rows
from services.desk.imports.working import Working
from services.desk.store import imports, staff

PREVIEWED: Final = 5
"""Rows that are shown as they will be."""
SAMPLED: Final = 3
"""Rows of which each column shows what stands in it."""
OPEN: Final = frozenset({"new", "checked", "failed", "checking"})
"""States in which another choice may be made."""
_LONGEST_NAME: Final = 200

Row = dict[str, Any]


class Previewed(NamedTuple):
    """A row as it will be."""

    line: int
    contact: dict[str, str]
    code: str | None
    """Why it is left out; None: it is taken."""


class Importing:
    """Staff's way to bring a list."""

    def __init__(self, runtime: Runtime, working: Working) -> None:
        self._runtime = runtime
        self._working = working
        self._folder = working.folder

    async def receive(self, name: str, parts: AsyncIterator[bytes], actor: str) -> Row:
        """Keep a file and find out how to read it; one that has begun goes on as it is.

        Raises Unreadable, TooLarge: then nothing is left of it.
        """
        item = str(uuid.uuid4())
        kept = await self._folder.take(item, parts)
        try:
            async with self._runtime.database.transaction() as tx:
                begun = await imports.unfinished(tx, kept.digest, self._folder.place)
            if begun:
                self._folder.drop(item)
                return begun
            shape = await asyncio.to_thread(look, kept.path)
            said = clean(name).replace("\\", "/").rpartition("/")[2][:_LONGEST_NAME].strip()
            new = imports.New(
                id=item,
                place=self._folder.place,
                name=said or "list",
                digest=kept.digest,
                size=kept.size,
                shape=msgspec.to_builtins(shape),
                actor=actor,
            )
            async with self._runtime.database.transaction() as tx:
                await imports.add(tx, new)
                await staff.note(tx, staff.Deed(actor, "brought a list", f"import:{item}"))
                found = await imports.find(tx, item)
        except BaseException:
            self._folder.drop(item)
            raise
        return found or {}

    async def check(self, item: str, choice: Choice, actor: str) -> Row:
        """Ask for a dry run under this choice. Raises Unknown, Conflict."""
        async with self._runtime.database.transaction() as tx:
            row = await _locked(tx, item, OPEN)
            _columns_are_there(row, choice)
            await imports.ask(tx, item, "checking", choice.model_dump(mode="json"))
            await imports.write(tx, item, checked={}, examples=[], actor=actor)
        return await self._asked(item)

    async def start(self, item: str, actor: str) -> Row:
        """Put it in, from where it stopped if it did. Raises Unknown, Conflict."""
        async with self._runtime.database.transaction() as tx:
            row = await _locked(tx, item, frozenset({"checked", "stopped", "running"}))
            if row["state"] != "running":
                await imports.ask(tx, item, "running", None)
                await staff.note(tx, staff.Deed(actor, "started an import", f"import:{item}"))
        return await self._asked(item)

    async def stop(self, item: str, actor: str) -> Row:
        """Stop it where it is; it can go on later. Raises Unknown, Conflict."""

        async def work(tx: Transaction) -> Sequence[Event]:
            row = await _locked(tx, item, frozenset({"running", "stopped"}))
            if row["state"] != "running":
                return []
            await imports.end(tx, item, "stopped")
            await staff.note(tx, staff.Deed(actor, "stopped an import", f"import:{item}"))
            return [ended(item, actor, datetime.now(UTC))]

        await self._working.inputs.take(str(uuid.uuid4()), work)
        return await self._asked(item)

    async def forget(self, item: str, actor: str) -> None:
        """Delete the file and what is known of it; its leads stay. Raises Unknown, Conflict."""
        async with self._runtime.database.transaction() as tx:
            await _locked(tx, item, OPEN | {"stopped", "done"})
            await imports.forget(tx, item)
            await staff.note(tx, staff.Deed(actor, "forgot an import", f"import:{item}"))
        self._folder.drop(item)

    async def find(self, item: str) -> Row:
        """One import. Raises Unknown."""
        async with self._runtime.database.transaction() as tx:
            row = await imports.find(tx, item)
        if row is None:
            raise Unknown
        return row

    async def preview(self, row: Row, choice: Choice | None = None) -> list[Previewed]:
        """Its first rows as they will be; none where the file is not here."""
        path = self._folder.path(row["id"])
        if not path.exists():
            return []
        how = await self._how(row, choice or _said(row))
        first = itertools.islice(judged(path, shape_of(row), how), PREVIEWED)
        found = await asyncio.to_thread(lambda: list(first))
        return [_previewed(one, how.region) for one in found]

    async def samples(self, row: Row) -> list[list[str]]:
        """The cells of its first rows; none where the file is not here."""
        path = self._folder.path(row["id"])
        if not path.exists():
            return []
        first = itertools.islice(rows(path, shape_of(row)), SAMPLED)
        return await asyncio.to_thread(lambda: [each.cells for each in first])

    async def errors(self, row: Row, language: str) -> Iterator[str]:
        """The file of the refused rows, in pieces. Raises Conflict where there is none."""
        path = self._folder.path(row["id"])
        if row["choice"] is None or not path.exists():
            raise Conflict("این فایل دیگر نیست", "this file is no longer here")
        how = await self._how(row, _said(row))
        return errors_file(judged(path, shape_of(row), how), how.names, language)

    async def _how(self, row: Row, choice: Choice) -> Reading:
        async with self._runtime.database.transaction() as tx:
            salt = await imports.salt(tx)
        country = self._runtime.configurations.from_file().content.organisation.country
        return reading(shape_of(row), choice, country, salt)

    async def _asked(self, item: str) -> Row:
        self._working.nudge()
        return await self.find(item)


def assigned(row: Row) -> dict[str, str]:
    """What each column of it holds, as said or guessed."""
    return _said(row).assigned(itertools.starmap(Column, shape_of(row).columns))


def _said(row: Row) -> Choice:
    return Choice.model_validate(row["choice"] or {"basis": "consent"})


def _previewed(one: Judged, region: str) -> Previewed:
    if not isinstance(one.verdict, Taken):
        return Previewed(one.row.line, {}, one.verdict.code)
    fields = dict(one.verdict.fields)
    if phone := e164(fields.get("phone", ""), region):
        fields["phone"] = phone
    if email := address(fields.get("email", "")):
        fields["email"] = email
    return Previewed(one.row.line, fields, None)


async def _locked(tx: Any, item: str, states: frozenset[str]) -> Row:
    row = await imports.find(tx, item, lock=True)
    if row is None:
        raise Unknown
    if row["state"] not in states:
        raise Conflict(
            "این کار با وضع کنونی این فهرست جور نیست؛ صفحه را تازه کنید",
            f"this list is {row['state']}; that cannot be done to it now",
        )
    return row


def _columns_are_there(row: Row, choice: Choice) -> None:
    strange = set(choice.columns) - set(shape_of(row).names)
    if strange:
        name = min(strange)[:40]
        raise Conflict(f"این فایل ستون «{name}» ندارد", f"this file has no column {name!r}")
