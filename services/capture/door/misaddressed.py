"""Posts from our own pages to a form that nobody configured: a mistyped key loses nobody.

The sender has had a 404, so nothing is promised: they are written in the background, as well as
that can be done, the last thousand for a week (contract, section 4). What was written is also
said on the log, without what was typed: the health page shows it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import asyncpg
import structlog
from uuid_utils.compat import uuid7

from libs.common import metrics
from libs.common.bodies import Unreadable, reader_of
from libs.common.bodies.texts import header_text, repaired
from libs.common.database import Database, Transaction
from libs.common.errors import Retry
from libs.common.events import Activity, Event, derived_id
from libs.common.failpoints import fail_point
from libs.common.normal.page import normal_page
from libs.common.stage.inputs import Inputs
from services.capture import store
from services.capture.calls.call import Call
from services.capture.calls.problems import Problem
from services.capture.store import Misaddressed

KEPT: Final = timedelta(days=7)
MOST_KEPT: Final = 1000
MOST_WAITING: Final = 100
RAW_BYTES: Final = 64 * 1024
"""Of each body; with MOST_WAITING it bounds what waits in memory."""
_FIELDS: Final = 200
_NAME: Final = 200
_PAUSE_SECONDS: Final = 1.0

_log = structlog.get_logger("capture")


class Misaddressings:
    """What waits to be written, the newest when there is too much."""

    def __init__(self, database: Database, inputs: Inputs) -> None:
        self._database = database
        self._inputs = inputs
        self._waiting: deque[Misaddressed] = deque()
        self._wake = asyncio.Event()

    def offer(self, post: Misaddressed) -> None:
        """To be written soon; never waits."""
        if len(self._waiting) == MOST_WAITING:
            self._waiting.popleft()
            metrics.UNKNOWN_FORMS.labels("dropped").inc()
        self._waiting.append(post)
        metrics.UNKNOWN_FORMS.labels("listed").inc()
        self._wake.set()

    async def run(self) -> None:
        """Write until cancelled, and try again where Postgres is away."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.save()
            if self._waiting:
                self._wake.set()
                await asyncio.sleep(_PAUSE_SECONDS)

    async def save(self) -> None:
        """Write what waits, and say it; what cannot be written now goes on waiting."""
        posts = list(self._waiting)
        if not posts:
            return

        async def work(tx: Transaction) -> Sequence[Event]:
            await store.keep_misaddressed(tx, posts, MOST_KEPT)
            fail_point("capture.misaddressed.kept")
            return [as_event(post) for post in posts]

        try:
            await self._inputs.take(derived_id("misaddressed", *(p.id for p in posts)), work)
        except (Retry, asyncpg.PostgresError) as error:
            _log.debug("misaddressed.not_saved", error=type(error).__name__)
            return
        written = {post.id for post in posts}
        self._waiting = deque(post for post in self._waiting if post.id not in written)

    async def forget_old(self) -> None:
        """Drop what is older than a week. Raises Retry."""
        async with self._database.transaction() as tx:
            await store.drop_misaddressed(tx, datetime.now(UTC) - KEPT)


def as_event(post: Misaddressed) -> Event:
    """What others may know of it: which form, from which page of ours, and when."""
    return Event(
        id=post.id,
        key=derived_id("form", post.form),
        time=post.at,
        source="/sarnakh/capture",
        data=Activity(
            activity_id=post.id,
            type="form.misaddressed",
            at=post.at,
            page=normal_page(post.page),
            data={"form": post.form, "host": _host(post.origin) or _host(post.page)},
        ),
    )


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


async def misaddressed(call: Call, form: str, at: datetime) -> Misaddressed:
    """The post as it is kept. Raises Gone."""
    try:
        raw = await call.body()
    except Problem:  # too large: that somebody tried is worth knowing
        raw = b""
    content_type = call.header(b"content-type")
    return Misaddressed(
        id=str(uuid7()),
        at=at,
        form=repaired(form).text[:_NAME],
        origin=header_text(call.headers.get(b"origin"), 256),
        page=header_text(call.headers.get(b"referer"), 2048),
        content_type=header_text(content_type.encode("latin-1"), 256) or "",
        fields=_names(content_type, raw),
        raw=raw[:RAW_BYTES],
        size=len(raw),
    )


def _names(content_type: str, raw: bytes) -> list[str]:
    """Which fields were filled in; none where the body is cut or cannot be read."""
    reader = reader_of(content_type)
    if reader is None or len(raw) > RAW_BYTES:
        return []
    try:
        filled = reader[0](raw, reader[1])
    except Unreadable:
        return []
    return [repaired(name).text[:_NAME] for name in filled.values][:_FIELDS]
