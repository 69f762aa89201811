"""E-mail by SMTP (RFC 5321), one connection a message.

SMTP takes no id, so what is known hangs on one moment: before the dot that ends the message
nothing was accepted; once it is written, only an answer tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

import aiosmtplib

from libs.common.configuration.schema import Channel as ChannelSettings
from services.routing.channels import letter
from services.routing.channels.contract import TOO_LATE, Begin, Refused, Result, Sent, Unknown
from services.routing.messages.message import Message

BEFORE_SECONDS: Final = 12.0
"""For all that comes before the message itself."""
ANSWER_SECONDS: Final = 25.0
"""Servers look for viruses before they answer."""
_GOODBYE_SECONDS: Final = 1.0
_FOR_GOOD: Final = 500
_PORTS: Final = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}
_STARTS_WITH_DOT: Final = re.compile(rb"^\.", re.MULTILINE)


class Server(NamedTuple):
    """An SMTP server as its URL names it."""

    host: str
    port: int
    tls: bool
    """From the first byte."""
    starttls: bool
    user: str | None
    password: str | None


def server(url: str) -> Server:
    """`smtp://user:password@host:port`, `smtps://…` or `smtp+starttls://…`. Raises ValueError."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("smtp url")
    return Server(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        tls=parts.scheme == "smtps",
        starttls=parts.scheme == "smtp+starttls",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )


class Email:
    """Text and HTML, with links to a page that acts."""

    name = "email"
    takes_id = False
    at_once = 8
    seconds = BEFORE_SECONDS + ANSWER_SECONDS + 2 * _GOODBYE_SECONDS

    def __init__(
        self, before_seconds: float = BEFORE_SECONDS, answer_seconds: float = ANSWER_SECONDS
    ) -> None:
        self._before = before_seconds
        self._answer = answer_seconds

    async def send(
        self, message: Message, address: str, settings: ChannelSettings | None, begin: Begin
    ) -> Result:
        """Send it to the address."""
        if settings is None or not settings.url or not settings.sender:
            return Refused("not_configured")
        try:
            mail = letter.letter(message, address, settings.sender)
            place = server(settings.url)
        except ValueError:
            return Refused("bad_address", for_good=True)
        sender, reader = letter.address(settings.sender), letter.address(address)
        smtp = _client(place, sender.domain)
        try:
            refused = await self._open(smtp, (sender.addr_spec, reader.addr_spec))
            if refused or smtp.protocol is None:
                return refused or Refused("SMTPServerDisconnected")
            return await self._finish(smtp, bytes(mail)) if await begin() else TOO_LATE
        finally:
            smtp.close()

    async def _open(self, smtp: aiosmtplib.SMTP, ends: tuple[str, str]) -> Refused | None:
        try:
            async with asyncio.timeout(self._before):
                return await _open(smtp, ends)
        except aiosmtplib.SMTPResponseException as error:
            return _judge(error, error.code)
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            return Refused(type(error).__name__)

    async def _finish(self, smtp: aiosmtplib.SMTP, content: bytes) -> Result:
        """The message and its dot; from the dot on, silence means that nobody knows."""
        if smtp.protocol is None:
            return Refused("SMTPServerDisconnected")
        try:
            smtp.protocol.write(_STARTS_WITH_DOT.sub(b"..", content))
            answer = await smtp.execute_command(b".", timeout=self._answer)
        except aiosmtplib.SMTPException as error:
            return Unknown(type(error).__name__)
        if answer.code // 100 != 2:  # noqa: PLR2004 - 2xx: accepted (RFC 5321, 4.2.1)
            return Refused(f"smtp_{answer.code}", for_good=answer.code >= _FOR_GOOD)
        with contextlib.suppress(aiosmtplib.SMTPException):
            await smtp.quit(timeout=_GOODBYE_SECONDS)
        return Sent()

    async def close(self) -> None:
        """Nothing is held."""


def _client(place: Server, domain: str) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=place.host,
        port=place.port,
        username=place.user,
        password=place.password,
        local_hostname=domain,
        timeout=BEFORE_SECONDS,
        use_tls=place.tls,
        start_tls=place.starttls,
    )


async def _open(smtp: aiosmtplib.SMTP, ends: tuple[str, str]) -> Refused | None:
    """Everything up to the server's word that the message may come."""
    await smtp.connect()
    await smtp.mail(ends[0])
    await smtp.rcpt(ends[1])
    answer = await smtp.execute_command(b"DATA")
    if answer.code != aiosmtplib.SMTPStatus.start_input:
        return Refused(f"smtp_{answer.code}", for_good=answer.code >= _FOR_GOOD)
    return None


def _judge(error: aiosmtplib.SMTPResponseException, code: int) -> Refused:
    """Only what is said of this very message is for good; a wrong password may be put right."""
    of_message = isinstance(error, aiosmtplib.SMTPRecipientRefused)
    return Refused(f"smtp_{code}", for_good=of_message and code >= _FOR_GOOD)
