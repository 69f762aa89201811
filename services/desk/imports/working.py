"""Works on imports behind the pages: checks them, and puts their rows in at a polite pace.

Several at a time, each as if by a process of its own: a short list does not wait for the end of a
long one. A slice of rows, their numbers in the spool, and how far the import is, are one
transaction: a process that dies anywhere leaves it at a slice's border, where any other goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Event, derived_id
from libs.common.failpoints import fail_point
from libs.common.forgetting import old_before
from libs.common.runtime import Runtime
from libs.common.stage.inputs import Inputs
from services.desk.imports import check
from services.desk.imports.check import Judged, judged
from services.desk.imports.choice import Choice
from services.desk.imports.entering import List, as_event, ended, submission_id
from services.desk.imports.folder import Folder
from services.desk.imports.judge import Reading, Taken
from services.desk.imports.problems import Unreadable
from services.desk.imports.readings import named, reading, shape_of, slices
from services.desk.store import entries, imports

LANES: Final = ("checking", "checking", "running", "running", "running", "running")
"""What is worked on at a time; checks have lanes of their own, as each is a matter of seconds."""
SLICE: Final = 25
"""Rows put in by one transaction, at most."""
AHEAD: Final = 50
"""Rows of all lists that may be on their way at a time, in equal shares: so many are before a lead
that comes live."""
LOOK_SECONDS: Final = 0.1
THROUGH_SECONDS: Final = 60.0
"""How long the last rows are waited for before the list counts as worked through."""
READ: Final = 200
"""Rows read at a time while checking; then everybody else has a turn."""
BREATH_SECONDS: Final = 0.01
IDLE_SECONDS: Final = 2.0
TIDY_SECONDS: Final = 3600.0
PURGE_SECONDS: Final = 20.0
"""How long the file of a finished list may name somebody who has been erased, at most."""

Row = dict[str, Any]
_log = structlog.get_logger("imports")


class _Lost(Exception):
    """Somebody stopped it, or another process works on it."""


class Working:
    """The worker of one process of the desk."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.folder = Folder(runtime.settings.data_dir / "imports")
        self._worker = str(uuid.uuid4())
        self.inputs = Inputs("desk", runtime)
        self._spool = entries.Spool()
        self._idle: set[asyncio.Event] = set()
        self._beside = 1
        """Lists that were being put in when it was last looked at, this one among them."""
        self._tidied = float("-inf")
        self._purged = float("-inf")

    async def run(self) -> None:
        """Work until the process is to stop."""
        stopping = asyncio.create_task(self._runtime.stop.wait())
        ours = [asyncio.create_task(self._lane(state)) for state in LANES]
        ours.append(asyncio.create_task(self._keep_house()))
        try:
            await asyncio.wait({stopping, *ours}, return_when=asyncio.FIRST_COMPLETED)
            for task in ours:
                if task.done():
                    task.result()
        finally:
            for each in (stopping, *ours):
                each.cancel()
            await asyncio.gather(stopping, *ours, return_exceptions=True)

    def nudge(self) -> None:
        """There is something to do now."""
        for nudged in self._idle:
            nudged.set()

    async def _lane(self, state: str) -> None:
        """One import of this state after the other, by a claim that no other lane has."""
        worker, nudged = str(uuid.uuid4()), asyncio.Event()
        self._idle.add(nudged)
        while True:
            nudged.clear()
            again: float | None = None
            try:
                if await self.turn(worker, [state]):
                    continue
            except Retry as away:
                _log.debug("imports.wait", dependency=away.dependency)
                again = IDLE_SECONDS  # what it has claimed is its own, and nobody else's to find
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(nudged.wait(), again)

    async def _keep_house(self) -> None:
        """Beside the work: a list of hours must not keep the files of those before it.

        And one look for all lanes: what was asked for in another process, or left by one that died.
        """
        while True:
            try:
                await self.tidy()
                if await self._is_left():
                    self.nudge()
            except Retry as away:
                _log.debug("imports.wait", dependency=away.dependency)
            await asyncio.sleep(IDLE_SECONDS)

    async def _is_left(self) -> bool:
        if not self.folder.place:
            return False
        async with self._runtime.database.transaction() as tx:
            return await imports.is_left(tx, self.folder.place)

    async def turn(self, worker: str = "", states: Sequence[str] = imports.AT_WORK) -> bool:
        """Work on one import as far as it goes; False when there is none. Raises Retry."""
        place = self.folder.place
        if not place:
            return False
        async with self._runtime.database.transaction() as tx:
            job = await imports.claim(tx, place, worker or self._worker, states)
        if job is None:
            return False
        with contextlib.suppress(_Lost):
            await self._work(job)
        return True

    async def _work(self, job: Row) -> None:
        try:
            async with self._runtime.database.transaction() as tx:
                how, of = self._how(job, await imports.salt(tx))
            if job["state"] == "checking":
                await self._check(job, how)
            else:
                await self._run(job, how, of)
        except Unreadable as error:
            await self._end(job, "failed", error.code)
        except FileNotFoundError:
            await self._end(job, "failed", "file_gone")
        except (Retry, _Lost):
            raise
        except Exception as error:  # it must not be tried for ever: a person looks at it first
            _log.exception("imports.failed", error=type(error).__name__)
            await self._end(job, "stopped", None)

    def _how(self, job: Row, salt: bytes) -> tuple[Reading, List]:
        version, content = self._runtime.configurations.from_file()
        choice, region = Choice.model_validate(job["choice"]), content.organisation.country
        named = job["id"], job["name"], job["digest"]
        of = List(*named, choice, job["actor"], region, version)
        return reading(shape_of(job), choice, region, salt), of

    async def _check(self, job: Row, how: Reading) -> None:
        counts: Counter[str] = Counter()
        examples: list[Row] = []
        rows, shared = 0, check.Shared(how.region)
        found = judged(self.folder.path(job["id"]), shape_of(job), how)
        async for part in slices(found, lambda: READ):
            rows += len(part)
            counts.update("new" if isinstance(v, Taken) else v.code for _row, v in part)
            counts["shared"] += shared.count(part)
            refused = [check.example(one) for one in part if not isinstance(one.verdict, Taken)]
            examples += refused[: check.EXAMPLES - len(examples)]
            ids = [submission_id(v) for _row, v in part if isinstance(v, Taken)]
            async with self._runtime.database.transaction() as tx:
                if await imports.hold(tx, job["id"], job["worker"], "checking") is None:
                    raise _Lost
                before = await imports.known(tx, ids)
                counts["new"] -= before
                counts["earlier"] += before
                told = {name: count for name, count in counts.items() if count}
                await imports.write(tx, job["id"], position=rows, checked=told, examples=examples)
            await asyncio.sleep(BREATH_SECONDS)
        async with self._runtime.database.transaction() as tx:
            if await imports.hold(tx, job["id"], job["worker"], "checking") is None:
                raise _Lost
            await imports.write(tx, job["id"], rows=rows, position=0)
            await imports.end(tx, job["id"], "checked")

    async def _run(self, job: Row, how: Reading, of: List) -> None:
        position = int(job["position"])
        path = self.folder.path(job["id"])
        found = judged(path, shape_of(job), how, position)
        async for part in slices(found, lambda: min(SLICE, AHEAD // (2 * self._beside)) or 1):
            await self._room(job, len(part))
            await self._put(job, position, part, of)
            position += len(part)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(THROUGH_SECONDS):
                await self._room(job, AHEAD)
        await self._end(job, "done", None)

    async def _room(self, job: Row, rows: int) -> None:
        """Wait until there is room for so many: nobody live stands behind a whole list.

        Each list has its share, so that one whose rows are stuck holds no other up.
        """
        while True:
            async with self._runtime.database.transaction() as tx:
                if await imports.hold(tx, job["id"], job["worker"], "running") is None:
                    raise _Lost
                waiting = await imports.on_their_way(tx, job["id"], 2 * AHEAD)
                self._beside = await imports.at_once(tx)
            if not waiting or waiting + rows <= AHEAD // self._beside:
                return
            await asyncio.sleep(LOOK_SECONDS)

    async def _put(self, job: Row, position: int, part: Sequence[Judged], of: List) -> None:
        item, places = job["id"], list[entries.Place]()
        names = shape_of(job).names

        async def work(tx: Transaction) -> Sequence[Event]:
            if await imports.hold(tx, item, job["worker"], "running") != position:
                raise _Lost
            counts: Counter[str] = Counter((await imports.find(tx, item) or {})["counts"])
            taken = {submission_id(v): (row, v) for row, v in part if isinstance(v, Taken)}
            lines = {one: row.line for one, (row, _v) in taken.items()}
            fresh, again = await imports.keep(tx, item, lines)
            counts.update(v.code for _row, v in part if not isinstance(v, Taken))
            counts["new"] += len(fresh)
            counts["repeated"] += len(again)
            counts["earlier"] += len(taken) - len(fresh) - len(again)
            told = {name: count for name, count in counts.items() if count}
            await imports.write(tx, item, position=position + len(part), counts=told)
            if not fresh:
                return []
            places.extend(await self._spool.next_places(tx, len(fresh)))
            now = datetime.now(UTC)
            put = [taken[one] for one in lines if one in fresh]
            fail_point("desk.imported")
            return [
                as_event(v, (row.line, named(names, row.cells)), of, place, now)
                for (row, v), place in zip(put, places, strict=True)
            ]

        try:
            await self.inputs.take(derived_id("import", item, str(position)), work)
        except BaseException:
            for place in places[:1]:
                self._spool.leave(place.spool)
            raise
        for place in places[-1:]:
            self._spool.gave(place)

    async def _end(self, job: Row, state: str, problem: str | None) -> None:
        async def work(tx: Transaction) -> Sequence[Event]:
            if await imports.hold(tx, job["id"], job["worker"], job["state"]) is None:
                raise _Lost
            await imports.end(tx, job["id"], state, problem)
            is_put_in = job["state"] == "running"
            return [ended(job["id"], job["actor"], datetime.now(UTC))] if is_put_in else []

        await self.inputs.take(str(uuid.uuid4()), work)

    async def tidy(self) -> None:
        """Delete files that are older than raw submissions may be, or name who was erased."""
        now = asyncio.get_running_loop().time()
        if now >= self._purged + PURGE_SECONDS and self.folder.place:
            self._purged = now
            await self._purge()
        if now < self._tidied + TIDY_SECONDS or not self.folder.place:
            return
        self._tidied = now
        kept = self._runtime.configurations.from_file().content.privacy.retention.raw
        async with self._runtime.database.transaction() as tx:
            old = await imports.older(tx, self.folder.place, old_before(kept, datetime.now(UTC)))
            for item in old:
                await imports.forget(tx, item)
        for item in old:
            self.folder.drop(item)

    async def _purge(self) -> None:
        """Delete the files of finished lists in which somebody stands who was erased."""
        async with self._runtime.database.transaction() as tx:
            found = await imports.with_erased(tx, self.folder.place)
        for item in found:
            self.folder.drop(item)
