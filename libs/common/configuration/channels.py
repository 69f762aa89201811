"""What is wrong with a channel's settings, or with an address on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from libs.common.configuration.problems import Path
from libs.common.configuration.schema import Channel, Configuration, Route

Found = Iterator[tuple[Path, str, str]]

BOTS: Final = ("telegram", "bale")
MAIL_SCHEMES: Final = ("smtp", "smtps", "smtp+starttls")
_CHAT: Final = re.compile(r"-?[0-9]{1,20}|@[A-Za-z0-9_]{4,64}")
_MAIL: Final = re.compile(r"[\x21-\x3f\x41-\x7e]{1,64}@[^@\s]{1,253}")


def errors(configuration: Configuration) -> Found:
    """What can never reach anybody."""
    mail = configuration.channels.get("email")
    if mail is not None:
        yield from _mail(mail, ("channels", "email"))
    for path, route in _routes(configuration):
        if wrong := _WRONG.get(route.channel):
            yield from wrong(route, path, configuration.channels.get(route.channel))


def warnings(configuration: Configuration) -> Found:
    """What works, but not safely, or not wholly."""
    mail = configuration.channels.get("email")
    if mail is not None and _tells_password(mail.url or ""):
        yield (
            ("channels", "email", "url"),
            "گذرواژه بدون رمزنگاری در شبکه می‌رود؛ smtps یا smtp+starttls بنویسید",
            "sends the password over the network in the clear; write smtps or smtp+starttls",
        )
    for name in BOTS:
        bot = configuration.channels.get(name)
        for i, source in enumerate(configuration.sources):
            if bot and bot.token and source.kind == name and source.access_token == bot.token:
                yield (
                    ("sources", i, "access_token"),
                    "همین ربات پیام کارشناسان را هم می‌فرستد؛ با وب‌هوک، دکمه‌هایش کار نمی‌کنند",
                    "is also the bot that tells specialists; with a webhook its buttons are dead",
                )


def _routes(configuration: Configuration) -> Iterator[tuple[Path, Route]]:
    for i, team in enumerate(configuration.teams):
        for j, each in enumerate(team.specialists):
            for k, route in enumerate(each.notify):
                yield ("teams", i, "specialists", j, "notify", k), route


def _email(route: Route, path: Path, channel: Channel | None) -> Found:
    if route.to and "${" not in route.to and not _MAIL.fullmatch(route.to):
        yield (*path, "to"), "نشانی ایمیل نیست", "is no e-mail address"
    if channel is None or not channel.url or not channel.sender:
        yield (
            (*path, "channel"),
            "برای ایمیل channels.email.url و channels.email.from لازم است",
            "e-mail needs channels.email.url and channels.email.from",
        )


def _bot(route: Route, path: Path, channel: Channel | None) -> Found:
    if route.to and "${" not in route.to and not _CHAT.fullmatch(route.to):
        yield (
            (*path, "to"),
            "باید شمارهٔ گفت‌وگو باشد، مثل 123456 (ربات آن را در /start می‌بیند)",
            "must be a chat's number, as in 123456 (the bot sees it at /start)",
        )
    if channel is None or not channel.token:
        yield (
            (*path, "channel"),
            f"توکن ربات لازم است: channels.{route.channel}.token",
            f"needs the bot's token: channels.{route.channel}.token",
        )


_WRONG: Final[dict[str, Callable[[Route, Path, Channel | None], Found]]] = {
    "email": _email,
    **dict.fromkeys(BOTS, _bot),
}


def _mail(channel: Channel, path: Path) -> Found:
    if channel.url and "${" not in channel.url and not _is_server(channel.url):
        yield (
            (*path, "url"),
            "باید smtp://، smtps:// یا smtp+starttls:// با نام سرور باشد",
            "must be smtp://, smtps:// or smtp+starttls:// and a server",
        )
    if channel.sender and not _MAIL.fullmatch(parseaddr(channel.sender)[1]):
        yield (
            (*path, "from"),
            "نشانی ایمیل ندارد، مثل Sarnakh <leads@nil.example>",
            "has no e-mail address, as in Sarnakh <leads@nil.example>",
        )


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in MAIL_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _tells_password(url: str) -> bool:
    if not _is_server(url):
        return False
    parts = urlsplit(url)
    if parts.scheme != "smtp" or not parts.password:
        return False
    try:
        return not ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname != "localhost"
