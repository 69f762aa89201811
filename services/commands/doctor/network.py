"""How the outside reaches us: ports, the public address, the desk's token."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import httpx

from libs.common.database.server import is_free
from libs.common.events.values import Text
from libs.common.settings import Settings
from libs.common.token import token_file
from services.commands.doctor.finding import Finding, fail, ok, warn

_SECONDS: Final = 3.0
_OPEN_TO_OTHERS: Final = 0o077


async def ports(settings: Settings) -> Sequence[Finding]:
    """Whether capture and the desk can listen, or do already."""
    return [
        await _port("capture port", "SARNAKH_CAPTURE_PORT", *_of_capture(settings)),
        await _port("desk port", "SARNAKH_DESK_PORT", settings.desk_host, settings.desk_port),
    ]


def _of_capture(settings: Settings) -> tuple[str, int]:
    return settings.capture_host, settings.capture_port


async def _port(about: str, variable: str, host: str, port: int) -> Finding:
    if is_free(port, host):
        return ok(about, f"{host}:{port} آزاد است", f"{host}:{port} is free")
    if await _is_ours(host, port):
        return ok(about, f"سرنخ در {host}:{port} در کار است", f"Sarnakh listens on {host}:{port}")
    return fail(
        about,
        Text(
            f"{host}:{port} گرفته شده یا گوش دادن به آن مجاز نیست",
            f"{host}:{port} is taken, or may not be listened on",
        ),
        Text(f"درگاه دیگری در {variable} بگذارید", f"set {variable} to another port"),
    )


async def _is_ours(host: str, port: int) -> bool:
    """Whether a Sarnakh answers there: its page of counts names it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - recognised, not bound
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}/metrics"
    try:
        async with httpx.AsyncClient(timeout=_SECONDS) as client:
            return "sarnakh_" in (await client.get(address)).text
    except (httpx.HTTPError, ValueError):
        return False


async def public_url(settings: Settings) -> Sequence[Finding]:
    """Whether the address that the outside is given can work."""
    about, url = "public URL", settings.public_url
    if not url:
        return [
            ok(
                about,
                "تنظیم نشده؛ تنها امضاهایی که نشانی را هم می‌پوشانند به آن نیاز دارند",
                "not set; only signatures that cover the URL need SARNAKH_PUBLIC_URL",
            )
        ]
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return [
            fail(
                about,
                Text(f"{url} نشانی وب نیست", f"{url} is no web address"),
                Text("مثلاً https://leads.nil.example", "for example https://leads.nil.example"),
            )
        ]
    if not await _resolves(parts.hostname):
        return [
            fail(
                about,
                Text(f"نام {parts.hostname} پیدا نمی‌شود", f"{parts.hostname} does not resolve"),
                Text("رکورد DNS آن را بسازید", "create its DNS record"),
            )
        ]
    if parts.scheme == "http":
        return [
            warn(
                about,
                Text("رمزنگاری ندارد (http)", "not encrypted (http)"),
                Text("آن را با TLS منتشر کنید (https)", "publish it with TLS (https)"),
            )
        ]
    return [ok(about, f"{parts.hostname} پیدا می‌شود", f"{parts.hostname} resolves")]


async def _resolves(host: str) -> bool:
    try:
        async with asyncio.timeout(_SECONDS):
            await asyncio.get_running_loop().getaddrinfo(host, None)
    except (socket.gaierror, TimeoutError, UnicodeError):
        return False
    return True


async def token(settings: Settings) -> Sequence[Finding]:
    """Whether the desk's token is there, and others cannot read it."""
    about, path = "desk token", token_file(settings)
    if settings.api_token:
        return [ok(about, "از SARNAKH_API_TOKEN", "from SARNAKH_API_TOKEN")]
    if not path.exists():
        return [
            ok(
                about,
                f"هنگام نخستین اجرا در {path} ساخته می‌شود",
                f"will be made in {path} at the first start",
            )
        ]
    if path.stat().st_mode & _OPEN_TO_OTHERS:
        return [
            fail(
                about,
                Text(f"دیگران می‌توانند {path} را بخوانند", f"others may read {path}"),
                Text(f"chmod 600 {path}", f"chmod 600 {path}"),
            )
        ]
    return [ok(about, f"در {path}", f"in {path}")]
