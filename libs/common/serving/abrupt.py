"""Answers to requests that the application never sees: problem documents (RFC 9457), as bytes."""

from __future__ import annotations

import json
from typing import Final

_PHRASES: Final = {
    400: "Bad Request",
    408: "Request Timeout",
    414: "URI Too Long",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}
_AGAIN_AFTER: Final = 2
"""Seconds that whoever gets a 503 is asked to wait."""


def refusal(status: int) -> bytes:
    """The whole answer, after which the connection is closed."""
    body = json.dumps({"type": "about:blank", "title": _PHRASES[status], "status": status})
    again = f"retry-after: {_AGAIN_AFTER}\r\n" if status == 503 else ""  # noqa: PLR2004  # RFC 9110, 15.6.4
    head = (
        f"HTTP/1.1 {status} {_PHRASES[status]}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\n{again}connection: close\r\n\r\n"
    )
    return (head + body).encode()
