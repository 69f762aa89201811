"""Follows every submission to its end by the desk's API."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import httpx

from demo.firm import Firm
from demo.sending import Sent

_AT_ONCE: Final = 8
_AGAIN: Final = 0.2
_TOLD: Final = frozenset({"notified", "waiting"})
"""Outside working hours a lead may wait by the firm's own wish."""


class Seen(NamedTuple):
    """Where a submission was last seen; `state` is `unknown` while the desk has not heard of it."""

    state: str
    reason: str | None


Seens = dict[str, Seen]


async def follow(
    firm: Firm,
    http: httpx.AsyncClient,
    sent: Sequence[Sent],
    within: float,
    told: Callable[[int], None],
) -> Seens:
    """Ask until all are where they belong, or the time (seconds) is over."""
    seen: Seens = {}
    ends = time.monotonic() + within
    limit = asyncio.Semaphore(_AT_ONCE)
    while True:
        wrong = [each.submission_id for each in misplaced(sent, seen)]
        told(len(sent) - len(wrong))
        if not wrong or time.monotonic() > ends:
            return seen
        found = await asyncio.gather(*(_ask(firm, http, each, limit) for each in wrong))
        seen |= dict(zip(wrong, found, strict=True))
        await asyncio.sleep(_AGAIN)


async def _ask(
    firm: Firm, http: httpx.AsyncClient, submission: str, limit: asyncio.Semaphore
) -> Seen:
    headers = {"authorization": f"Bearer {firm.token}"}
    async with limit:
        answer = await http.get(f"{firm.desk}/api/submissions/{submission}", headers=headers)
    if not answer.is_success:
        return Seen("unknown", None)
    body = answer.json()
    return Seen(str(body["state"]), body.get("reason"))


def misplaced(sent: Sequence[Sent], seen: Seens) -> list[Sent]:
    """Those that are not where they belong; of a person's several, all if any is not."""
    alone = [each for each in sent if each.group is None and not _fits(each, seen)]
    together: dict[str, list[Sent]] = {}
    for each in sent:
        if each.group is not None:
            together.setdefault(each.group, []).append(each)
    for group in together.values():
        wanted = Counter(each.ends for each in group)
        found = Counter(_plain(_state(each, seen)) for each in group)
        if wanted != found:
            alone += group
    return alone


def _fits(sent: Sent, seen: Seens) -> bool:
    found = seen.get(sent.submission_id)
    if found is None or _plain(found.state) != sent.ends:
        return False
    return sent.reason is None or found.reason == sent.reason


def _plain(state: str) -> str:
    return "notified" if state in _TOLD else state


def _state(sent: Sent, seen: Seens) -> str:
    found = seen.get(sent.submission_id)
    return found.state if found else "unknown"
