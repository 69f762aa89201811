"""Posts at a steady rate, as many clients would: each goes on until it is accepted."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from random import Random
from typing import Final

import aiohttp

from tests.faults.storm.oracle.ledger import Ledger
from tests.faults.storm.oracle.posts import Post, Posts

MOST_AT_ONCE: Final = 300
_PATIENCE: Final = 60.0
"""Seconds until a client gives up."""
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 2.0


@dataclass
class Sender:
    """Open loop: a post is due whether or not the ones before were answered."""

    door: str
    posts: Posts
    ledger: Ledger
    rate: float = 0.0
    """Posts per second; 0: none."""
    tries: int = 0
    accepted: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    """Answers other than 2xx, by status."""
    broken: int = 0
    """Tries without a complete answer."""
    skipped: int = 0
    """Posts not begun, because too many were under way."""
    gave_up: int = 0
    _tasks: set[asyncio.Task[bool]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._jitter = Random()  # noqa: S311 - not the posts' own, which its seed repeats
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=100), timeout=aiohttp.ClientTimeout(total=10)
        )

    async def run(self) -> None:
        """Post until cancelled."""
        due = time.monotonic()
        while True:
            if not self.rate:
                await asyncio.sleep(0.05)
                due = time.monotonic()
                continue
            due = max(due + 1 / self.rate, time.monotonic() - 1)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.begin(self.posts.next())

    def begin(self, post: Post) -> None:
        """Start one, unless too many are under way."""
        if len(self._tasks) >= MOST_AT_ONCE:
            self.skipped += 1
            return
        task = asyncio.create_task(self.send(post))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def send(self, post: Post, door: str | None = None) -> bool:
        """Until it is accepted, or its client's patience ends."""
        self.issued(post)
        until, pause = time.monotonic() + _PATIENCE, _FIRST_PAUSE
        while time.monotonic() < until:
            if await self.once(post, door or self.door):
                return True
            await asyncio.sleep(pause * (0.5 + self._jitter.random()))
            pause = min(_LONGEST_PAUSE, pause * 2)
        self.gave_up += 1
        return False

    async def once(self, post: Post, door: str) -> bool:
        """One try; every answer is noted."""
        self.tries += 1
        began = time.monotonic()
        try:
            async with self._http.post(**post.request(door, self.posts.secret)) as answer:
                is_json = "json" in answer.headers.get("content-type", "")
                said = await answer.json(content_type=None) if is_json else {}
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            self.broken += 1
            self.ledger.note("broken", n=post.number, error=type(error).__name__)
            return False
        took = round(1000 * (time.monotonic() - began), 1)
        submission = said.get("submission_id") if isinstance(said, dict) else None
        self.ledger.note(
            "answered",
            n=post.number,
            kind=post.kind,
            status=answer.status,
            submission=submission,
            durability=answer.headers.get("x-durability"),
            ms=took,
        )
        if not answer.ok:
            self.refused[answer.status] = self.refused.get(answer.status, 0) + 1
            return False
        self._accepted(post, submission)
        return True

    async def quiet(self, seconds: float) -> int:
        """Wait until nothing is under way; how many still are."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=seconds)
        return len(self._tasks)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._http.close()

    def issued(self, post: Post) -> None:
        """Note what is to be posted."""
        self.ledger.note(
            "issued",
            n=post.number,
            kind=post.kind,
            phone=post.phone,
            name=post.person.name,
            message=post.person.message,
            expect=post.expect,
        )

    def _accepted(self, post: Post, submission: str | None) -> None:
        self.accepted += 1
        if post.submission not in {None, submission} and post.kind not in {"form", "bot"}:
            self.ledger.note("changed_id", n=post.number, was=post.submission, now=submission)
        post.submission = submission
        self.posts.accepted(post)
