"""`GET /s.js`: the script that landing pages load, from any site and as often as they like."""

from __future__ import annotations

import gzip
import hashlib
import re
from typing import Any, Final

from services.capture.calls.call import Answer, Call
from services.capture.script import source

_TYPE: Final = b"text/javascript; charset=utf-8"
_GZIP: Final = re.compile(
    r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)"
)
"""Whether an Accept-Encoding takes gzip (RFC 9110, section 12.5.3)."""

DESCRIBED: Final[dict[str, Any]] = {
    "get": {
        "operationId": "load_script",
        "summary": "اسکریپت صفحه‌های فرود",
        "description": "The script for landing pages: finds forms, keeps where a visitor came "
        "from, and sends again what did not get through.",
        "responses": {
            "200": {
                "description": "The script",
                "content": {"text/javascript": {"schema": {"type": "string"}}},
            },
            "304": {"description": "As the one whose ETag is in If-None-Match"},
        },
    }
}
"""For the OpenAPI document."""


class Script:
    """The script as it is served, made once."""

    def __init__(self) -> None:
        self._plain = source().encode()
        self._packed = gzip.compress(self._plain, 9, mtime=0)
        digest = hashlib.sha256(self._plain).hexdigest()[:20]
        self._tag = f'W/"{digest}"'  # weak: packed or not, it is the same
        self._headers = (
            (b"etag", self._tag.encode()),
            # A page looks for a new one every five minutes, and never waits for it.
            (b"cache-control", b"public, max-age=300, stale-while-revalidate=86400"),
            (b"vary", b"Accept-Encoding"),
            (b"access-control-allow-origin", b"*"),  # for `integrity`, which needs to read it
            (b"cross-origin-resource-policy", b"cross-origin"),
        )

    def answer(self, call: Call) -> Answer:
        """The script, or 304 to who has it."""
        known = (tag.strip() for tag in call.header(b"if-none-match").split(","))
        if any(tag == "*" or f"W/{tag.removeprefix('W/')}" == self._tag for tag in known):
            return Answer(304, headers=self._headers)
        if not _GZIP.search(call.header(b"accept-encoding").lower()):
            return Answer(200, self._plain, _TYPE, self._headers)
        packed = (*self._headers, (b"content-encoding", b"gzip"))
        return Answer(200, self._packed, _TYPE, packed)
