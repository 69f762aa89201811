"""Sends as visitors and platforms do, at a pace that no limit minds, and remembers what it sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from demo.firm import Firm

OF_THE_LIMIT: Final = 0.75
"""The share of the allowed pace that is used: others may be posting too."""
_TRIES: Final = 5


class Unwelcome(Exception):
    """The system answered otherwise than it should have; the text says how."""


@dataclass(frozen=True)
class Sent:
    """One submission, and how it should end."""

    what: str
    submission_id: str
    ends: str
    group: str | None = None
    """Of one person's several: each ends as one of the group's `ends`, in whatever order."""
    reason: str | None = None


@dataclass
class Sender:
    """What stories send with."""

    firm: Firm
    http: httpx.AsyncClient
    told: Callable[[], None]
    """Called for each submission."""
    sent: list[Sent] = field(default_factory=list)
    content: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the platform's API gives out for an id."""
    _next_form: float = 0.0

    async def form(self, key: str, **arguments: Any) -> str:
        """Post a form, as a script does; gives the submission's id."""
        await self._pace()
        answer = await self.post(
            f"{self.firm.capture}/v1/forms/{key}", arguments.pop("headers", {}), **arguments
        )
        return str(answer.json()["submission_id"])

    async def post(
        self, url: str, headers: Mapping[str, str] | None = None, **arguments: Any
    ) -> httpx.Response:
        """Post, again where the system asks for it. Raises Unwelcome for any other answer."""
        headers = {"accept": "application/json", **(headers or {})}
        for _ in range(_TRIES):
            answer = await self.http.post(url, headers=headers, **arguments)
            if answer.status_code not in (429, 503):
                break
            await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
        if not answer.is_success:
            path = answer.request.url.path
            raise Unwelcome(f"{path}: {answer.status_code} {answer.text[:200]}")
        return answer

    def note(
        self,
        what: str,
        submission_id: str,
        ends: str = "notified",
        *,
        group: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Remember what was sent and how it should end."""
        self.sent.append(Sent(what, submission_id, ends, group, reason))
        self.told()

    async def _pace(self) -> None:
        allowed = self.firm.forms_per_minute
        if allowed is None:
            return
        now = time.monotonic()
        at = max(now, self._next_form)
        self._next_form = at + 60 / (allowed * OF_THE_LIMIT)
        await asyncio.sleep(at - now)
