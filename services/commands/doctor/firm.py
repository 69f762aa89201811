"""The configuration file and the outside parties that it names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Final

import aiosmtplib
import httpx

from libs.common.building import configuration_path
from libs.common.configuration.load import Loaded, load_file
from libs.common.configuration.schema import Channel, Configuration
from libs.common.events.values import Text
from libs.common.refusal import Refusal
from libs.common.settings import Settings
from services.commands.doctor.finding import Finding, fail, ok, warn
from services.commands.doctor.machine import of_zones
from services.routing.channels import mail
from services.routing.channels.telegram import API

_SECONDS: Final = 5.0


async def configuration(settings: Settings) -> Sequence[Finding]:
    """The file: readable, valid, its secrets set."""
    path = configuration_path(settings)
    try:
        loaded = load_file(path, os.environ)
    except Refusal as refusal:
        advice = Text(
            "این‌ها را درست کنید، سپس: sarnakh config check",
            "mend these, then: sarnakh config check",
        )
        return [fail("configuration", refusal.text, advice)]
    zone = of_zones([loaded.configuration.organisation.time_zone])
    return [
        ok("configuration", f"{path} درست است", f"{path} is valid"),
        *_odd(loaded),
        *([zone] if zone.verdict != "ok" else []),
    ]


def _odd(loaded: Loaded) -> Sequence[Finding]:
    advice = Text("در پرونده ببینید", "look at it in the file")
    return [
        warn("configuration", Text(problem.of("fa"), problem.of("en")), advice)
        for problem in loaded.warnings
    ]


async def channels(settings: Settings) -> Sequence[Finding]:
    """Whether those who tell the specialists can be reached; nobody is told anything."""
    try:
        loaded = load_file(configuration_path(settings), os.environ)
    except Refusal:
        return []
    found = []
    for name in sorted(_used(loaded.configuration)):
        settings_of = loaded.configuration.channels.get(name)
        if settings_of is not None and name == "email":
            found.append(await _mail(settings_of))
        elif settings_of is not None and name in API:
            found.append(await _bot(name, settings_of))
    return found


def _used(configuration: Configuration) -> set[str]:
    return {
        route.channel
        for team in configuration.teams
        for specialist in team.specialists
        for route in specialist.notify
    }


async def _mail(settings: Channel) -> Finding:
    """Greet the server and sign in; no message is begun."""
    about = "channel email"
    try:
        server = mail.server(settings.url or "")
    except ValueError:
        return _unfit(about, "url")
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls,
        start_tls=server.starttls,
        timeout=_SECONDS,
        username=server.user,
        password=server.password,
    )
    try:
        async with client:
            await client.noop()
    except aiosmtplib.SMTPAuthenticationError:
        return _refused(about)
    except (aiosmtplib.SMTPException, OSError):
        return _away(about, server.host)
    return ok(about, f"{server.host} پاسخ می‌دهد", f"{server.host} answers")


async def _bot(name: str, settings: Channel) -> Finding:
    """Ask who the bot is. Its token is in the URL, so no failure is told with its own words."""
    about = f"channel {name}"
    if not settings.token:
        return _unfit(about, "token")
    address = (settings.api_url or API[name]).rstrip("/")
    try:
        async with httpx.AsyncClient(timeout=_SECONDS) as client:
            answer = await client.get(f"{address}/bot{settings.token}/getMe")
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        return _away(about, address)
    if answer.is_server_error:
        return _away(about, address)
    if not answer.is_success:
        return _refused(about)
    return ok(about, "ربات ما را می‌شناسد", "knows our bot")


def _unfit(about: str, field: str) -> Finding:
    return fail(
        about,
        Text(f"{field} ندارد یا خوانا نیست", f"{field} is absent or unreadable"),
        Text(f"{field} را در channels درست کنید", f"mend {field} under channels"),
    )


def _refused(about: str) -> Finding:
    return fail(
        about,
        Text("ما را نمی‌شناسد", "does not accept who we are"),
        Text("توکن یا گذرواژه را از نو بگیرید", "get a new token or password"),
    )


def _away(about: str, host: str) -> Finding:
    return fail(
        about,
        Text(f"{host} پاسخ نمی‌دهد", f"{host} does not answer"),
        Text(
            "نشانی و دیوار آتش را ببینید؛ تا آن وقت به این راه خبری نمی‌رسد",
            "check the address and the firewall; until then nobody is told this way",
        ),
    )
