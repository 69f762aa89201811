"""Meta's Graph API as its kinds ask it: addresses, and what its errors ask for.

https://developers.facebook.com/docs/graph-api/guides/error-handling
https://developers.facebook.com/docs/graph-api/overview/rate-limiting
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from libs.common.standstill import Lack
from services.capture.sources.fetch import (
    Failed,
    Missing,
    Refused,
    Reply,
    Request,
    Throttled,
    Trouble,
)
from services.capture.sources.values import mapping

ADDRESS: Final = "https://graph.facebook.com"
VERSION: Final = "v24.0"
_THROTTLED: Final = frozenset({4, 17, 32, 341, 613, 80001, 80004, 80005})
_NO_TOKEN: Final = frozenset({3, 102, 190, 368})
"""The token is void, or the app or its owner is blocked: only a human can mend it."""
_NO_CAPABILITY: Final = 3
"""It is the app that may not ask this at all."""
_NO_RIGHT: Final = frozenset({10, *range(200, 300)})
"""The token lacks a right, perhaps for one page or form only."""
_NOT_THERE: Final = frozenset({100, 803})
"""Not there, not allowed, or a wrong parameter of ours: the same to whoever has to look at it."""
_SERVERS_FAULT: Final = HTTPStatus.INTERNAL_SERVER_ERROR
_MINUTE: Final = 60.0
_MOST_MINUTES: Final = 24 * 60


def request(source: Source, path: str) -> Request:
    """A GET below the API's version, with the token where no log sees it."""
    base = (source.api_url or ADDRESS).rstrip("/")
    return Request(
        f"{base}/{VERSION}/{path}",
        {"authorization": f"Bearer {source.access_token or ''}", "accept": "application/json"},
    )


def trouble(reply: Reply) -> Trouble | None:
    """What went wrong; None for a good answer. Throttling comes as 400: the code decides."""
    error = _error(reply.body)
    if error is None:
        return None if reply.status == HTTPStatus.OK else _by_status(reply)
    code = error["code"]
    subcode = error.get("error_subcode")
    name = f"{code}/{subcode}" if isinstance(subcode, int) and subcode else str(code)
    if code in _THROTTLED:
        return Throttled(name, _regained_after(reply))
    if code in _NO_TOKEN or code in _NO_RIGHT:
        said: Lack | None = "right" if code == _NO_CAPABILITY else None
        return Refused(name, everywhere=code in _NO_TOKEN, said=said)
    transient = error.get("is_transient") is True or reply.status >= _SERVERS_FAULT
    return Missing(name) if code in _NOT_THERE and not transient else Failed(name)


def _by_status(reply: Reply) -> Trouble:
    """An answer without Meta's own error: a proxy's, or a cut one."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(f"http_{reply.status}", _regained_after(reply))
    return Failed(f"http_{reply.status}")


def _error(body: bytes) -> dict[str, Any] | None:
    try:
        found = mapping(parse(body).value).get("error")
    except Unreadable:
        return None
    if not isinstance(found, dict):
        return None
    code = found.get("code")
    return found if isinstance(code, int) and not isinstance(code, bool) else {"code": 0}


def _regained_after(reply: Reply) -> float | None:
    """Seconds until the API may be asked again, by the longest of what its header says."""
    minutes = max(_minutes(reply.headers.get("x-business-use-case-usage", "")), default=0)
    return min(minutes, _MOST_MINUTES) * _MINUTE if minutes > 0 else None


def _minutes(header: str) -> Iterator[float]:
    try:
        usage = mapping(parse(header.encode()).value)
    except Unreadable:
        return
    for uses in usage.values():
        for use in uses if isinstance(uses, list) else ():
            minutes = mapping(use).get("estimated_time_to_regain_access")
            if isinstance(minutes, int | float) and not isinstance(minutes, bool):
                yield float(minutes)
