"""What open pages are told as it happens: server-sent events, one stream a page.

https://html.spec.whatwg.org/multipage/server-sent-events.html
A stream sends what is so now, not what has happened: a page that missed something, or comes
back with the Last-Event-ID of what it has, is told once and is right again.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

import asyncpg
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from libs.common.database import Transaction
from libs.common.errors import Retry
from services.desk.store import finding, live
from services.desk.web.api.asking import identity
from services.desk.web.api.leads import Filters, wanted
from services.desk.web.door import access
from services.desk.web.pages.inbox import PAGE, narrowed
from services.desk.web.place import desk_of
from services.desk.web.watching import Watcher, Watching

router = APIRouter(include_in_schema=False)

HEARTBEAT: Final = 15.0
"""Seconds after which a stream looks whether it still may, and, if all was silent, says that it
lives."""
LEAST_APART: Final = 0.5
"""Seconds between two looks of one page, however much happens."""
_HEADERS: Final = {"X-Accel-Buffering": "no"}


class Told(NamedTuple):
    """One event of a stream."""

    name: str
    data: str

    @property
    def id(self) -> str:
        """Names what it says, so that the same is not said twice."""
        return hashlib.sha256(f"{self.name}\n{self.data}".encode()).hexdigest()[:16]

    def written(self) -> str:
        """As it goes over the wire."""
        return f"id: {self.id}\nevent: {self.name}\ndata: {self.data}\n\n"


Ask = Callable[[Transaction], Awaitable[Told]]


class Looked(Filters):
    """What a page shows: one lead, or the inbox under these filters."""

    lead: Annotated[str | None, Query(max_length=36)] = None


@router.get("/live")
async def stream(request: Request, asked: Annotated[Looked, Query()]) -> Response:
    """Changes of what the page shows; 204 without a session, which ends a browser's attempts."""
    who = await access.signed_in(request)
    if who is None:
        return Response(status_code=HTTPStatus.NO_CONTENT)
    desk = desk_of(request)
    zone = ZoneInfo(desk.runtime.configurations.from_file().content.organisation.time_zone)
    lead_id = identity(asked.lead) if asked.lead else None

    async def ask(tx: Transaction) -> Told:
        if lead_id:
            return Told("lead", await live.mark(tx, lead_id))
        rows = await finding.newest(tx, wanted(narrowed(asked, who), zone), None, PAGE)
        return Told("leads", json.dumps([str(row["id"]) for row in rows]))

    async def may_go_on() -> bool:
        return not who.csrf or await access.is_open(request)

    seen = request.headers.get("last-event-id", "")
    body = _told(desk.watching, who.csrf, ask, may_go_on, seen)
    return StreamingResponse(body, media_type="text/event-stream", headers=_HEADERS)


async def _told(
    watching: Watching,
    session: str,
    ask: Ask,
    may_go_on: Callable[[], Awaitable[bool]],
    seen: str,
) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    async with watching.watch(session) as watcher:
        allowed = time.monotonic()
        while not watching.stop.is_set():
            if watcher.is_evicted:
                yield Told("full", "").written()
                return
            if time.monotonic() >= allowed + HEARTBEAT:
                if not await may_go_on():
                    return
                allowed = time.monotonic()
            watcher.changed.clear()
            looked = time.monotonic()
            told = await _answer(watching, ask)
            if told and told.id != seen:
                seen = told.id
                yield told.written()
            if not await _changed(watcher, looked, allowed + HEARTBEAT):
                yield ": still here\n\n"


async def _changed(watcher: Watcher, looked: float, until: float) -> bool:
    """Wait for a change, and not ask too often; False if none came `until` then."""
    try:
        await asyncio.wait_for(watcher.changed.wait(), max(0.0, until - time.monotonic()))
    except TimeoutError:
        return False
    await asyncio.sleep(max(0.0, looked + LEAST_APART - time.monotonic()))
    return True


async def _answer(watching: Watching, ask: Ask) -> Told | None:
    with contextlib.suppress(Retry, asyncpg.PostgresError):
        async with watching.database.transaction() as tx:
            return await ask(tx)
    return None
