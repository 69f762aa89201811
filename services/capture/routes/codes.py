"""`/q/{code}`: a person stands before a poster and is sent on, whatever becomes of the rest."""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import Final

import msgspec
import structlog
from uuid_utils import uuid7

from libs.common.bodies.texts import decoded, header_text
from libs.common.configuration.schema import Qr
from libs.common.drawing import SHAPES, Shape, code_url, draw
from libs.common.events import Event, LeadCaptured, Text, digest
from libs.common.normal.agent import is_crawler
from services.capture.calls.call import Answer, Call
from services.capture.calls.problems import Problem
from services.capture.door.door import Door, arrived_at
from services.capture.reading.attribution import FLAT, Origins, attributed
from services.capture.reading.scan import campaigned, carried, hung, onward

WAIT_SECONDS: Final = 0.3
"""Nobody stands before a poster for longer to have a scan noted."""
SCANNED: Final = "qr_scan"
_TOKEN_BYTES: Final = 16
_HOST: Final = re.compile(r"[A-Za-z0-9.\-_:\[\]]{1,255}")
_PURPOSES: Final = (b"sec-purpose", b"purpose", b"x-moz", b"x-purpose")

_log = structlog.get_logger("capture")


class Codes:
    """The codes of the configuration."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._storing: set[asyncio.Task[None]] = set()

    async def answer(self, call: Call, name: str) -> Answer:
        """Send on to the code's target, or draw it (`.svg`, `.png`). Raises Problem(404)."""
        for shape in SHAPES:
            if name.endswith(f".{shape}"):
                return self._draw(call, self._code(name.removesuffix(f".{shape}")), shape)
        code = self._code(name)
        if not is_person(call):
            return _redirect(onward(code.target, None))
        held, wait = self._door.visit_limits(call)
        if wait:
            return _redirect(onward(code.target, None))
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        scan = self._scan(call, code, token, ("rate",) if held else ())
        storing = asyncio.create_task(self._store(self._door.event(call, scan)))
        self._storing.add(storing)
        storing.add_done_callback(self._storing.discard)
        await asyncio.wait({storing}, timeout=WAIT_SECONDS)
        return _redirect(onward(code.target, token))

    def _code(self, name: str) -> Qr:
        code = self._door.directory().qr.get(name)
        if code is None:
            detail = Text(
                "این کد به جایی نمی‌رسد؛ شاید دیگر به کار نمی‌رود.",
                "This code leads nowhere; it may no longer be in use.",
            )
            raise Problem(404, detail)
        return code

    async def _store(self, event: Event) -> None:
        """A scan that cannot be kept is lost with a word in the log: there is nobody to tell."""
        try:
            await self._door.accept(event)
        except Problem as problem:
            _log.warning("scan.not_kept", status=problem.status)

    def _scan(self, call: Call, code: Qr, token: str, signs: tuple[str, ...]) -> LeadCaptured:
        asked = decoded(call.scope.get("query_string", b"")[:2048]).text
        said = campaigned(code) | carried(code.target, asked)
        said = {name: text for name, text in said.items() if name in FLAT}
        attribution, _ = attributed(said, Origins())
        content = f"{code.code} {token}".encode()
        return LeadCaptured(
            submission_id=str(uuid7()),
            kind="qr",
            source=code.code,
            source_kind="qr",
            received_at=arrived_at(self._door.now()),
            digest=digest(content),
            raw=content,
            content_type="text/plain",
            extra=hung(code),
            attribution=msgspec.structs.replace(
                attribution,
                referrer=header_text(call.headers.get(b"referer"), 2048),
                qr=code.code,
                scan=token,
            ),
            client=self._door.client(call),
            signs=signs,
            activity=SCANNED,
            config_version=self._door.directory().version,
        )

    def _draw(self, call: Call, code: Qr, shape: Shape) -> Answer:
        """For staff to print: of the address that the outside knows, else the one asked."""
        public = self._door.settings.public_url.rstrip("/")
        host = call.header(b"host")
        if not public and not _HOST.fullmatch(host):
            raise Problem(400)
        root = public or f"{call.scope.get('scheme', 'http')}://{host}"
        headers = (
            (b"cache-control", b"max-age=300"),
            (b"vary", b"Host"),
            (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
        )
        picture = draw(code_url(root, code.code), code.label or code.code, shape)
        return Answer(200, picture, SHAPES[shape], headers)


def is_person(call: Call) -> bool:
    """Whether somebody scanned, and no preview of a link, mail scanner or eager browser asks."""
    if call.method != "GET" or is_crawler(header_text(call.headers.get(b"user-agent")) or ""):
        return False
    purposes = (call.headers.get(name, b"").lower() for name in _PURPOSES)
    return not any(b"prefetch" in said or b"preview" in said for said in purposes)


def _redirect(location: str) -> Answer:
    return Answer(302, headers=((b"location", location.encode()),))
