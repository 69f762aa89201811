"""What one value of the file has to do with another: what the schema alone cannot see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final
from zoneinfo import ZoneInfo

import phonenumbers

from libs.common.configuration import (
    addresses,
    amounts,
    channels,
    codes,
    fading,
    hours,
    known,
    meaning,
    memberships,
    sources,
    unbuilt,
    values,
)
from libs.common.configuration.problems import Lines, Path, Problem
from libs.common.configuration.schema import Configuration, Specialist, Team, Week

_WEEK: Final = ("sat", "sun", "mon", "tue", "wed", "thu", "fri")


def errors(configuration: Configuration, lines: Lines) -> Iterator[Problem]:
    """Everything that must be put right before the file can come into force."""
    for check in (
        _organisation,
        _keys,
        _teams,
        _routing,
        _sources,
        _durations,
        amounts.errors,
        addresses.errors,
        meaning.errors,
        fading.errors,
        hours.errors,
        channels.errors,
        codes.errors,
        sources.errors,
    ):
        for path, fa, en in check(configuration):
            yield lines.problem(path, fa, en)


def warnings(configuration: Configuration, lines: Lines) -> Iterator[Problem]:
    """What works, but perhaps not as meant."""
    for part in (
        meaning,
        fading,
        hours,
        channels,
        codes,
        sources,
        addresses,
        amounts,
        memberships,
    ):
        for path, fa, en in part.warnings(configuration):
            yield lines.problem(path, fa, en)


Found = Iterator[tuple[Path, str, str]]


def _organisation(configuration: Configuration) -> Found:
    firm = configuration.organisation
    path: Path = ("organisation",)
    yield from _zone(firm.time_zone, (*path, "time_zone"))
    if firm.country not in phonenumbers.SUPPORTED_REGIONS:
        yield (*path, "country"), "کد کشور نیست", "is not a country's code (as in IR, DE, GB)"
    if not firm.languages:
        yield (*path, "languages"), "دست‌کم یک زبان لازم است", "needs at least one language"
    if firm.working_week:
        yield from _week(firm.working_week, (*path, "working_week"))
    for place, holiday in enumerate(firm.holidays):
        yield from _readable(values.day, str(holiday), (*path, "holidays", place), _DAY)


def _week(week: Week, path: Path) -> Found:
    yield from _zone(week.time_zone, (*path, "time_zone"))
    for name in _WEEK:
        for place, written in enumerate(getattr(week, name)):
            opens, _, closes = written.partition("-")
            if not opens < closes <= "24:00":
                yield (
                    (*path, name, place),
                    "پایان باید بعد از آغاز و تا ۲۴:۰۰ باشد",
                    "must end after it begins, and by 24:00",
                )


def _keys(configuration: Configuration) -> Found:
    forms = [
        (("sites", i, "forms", j, "key"), form.key)
        for i, site in enumerate(configuration.sites)
        for j, form in enumerate(site.forms)
    ]
    yield from _unique(forms)
    yield from _unique(
        (("sites", i, "key"), each.key) for i, each in enumerate(configuration.sites)
    )
    yield from _unique(
        (("sources", i, "key"), each.key) for i, each in enumerate(configuration.sources)
    )
    keys = configuration.api_keys
    yield from _unique((("api_keys", i, "key"), each.key) for i, each in enumerate(keys))
    yield from _unique((("api_keys", i, "token"), each.token) for i, each in enumerate(keys))
    yield from _unique((("qr", i, "code"), each.code) for i, each in enumerate(configuration.qr))
    rules = configuration.scoring.rules
    yield from _unique((("scoring", "rules", i, "id"), each.id) for i, each in enumerate(rules))


def _teams(configuration: Configuration) -> Found:
    teams = configuration.teams
    yield from _unique((("teams", i, "key"), team.key) for i, team in enumerate(teams))
    everyone = {each.key for team in teams for each in team.specialists}
    names: dict[str, str] = {}
    for i, team in enumerate(teams):
        yield from _team(team, ("teams", i), everyone)
        for j, each in enumerate(team.specialists):
            if names.setdefault(each.key, each.name) != each.name:
                yield (
                    ("teams", i, "specialists", j, "name"),
                    "این کلید در تیمی دیگر نام دیگری دارد",
                    "this key has another name in another team",
                )
            path: Path = ("teams", i, "specialists", j)
            yield from _specialist(each, path, configuration)


def _team(team: Team, path: Path, everyone: set[str]) -> Found:
    yield from _unique(
        ((*path, "specialists", j, "key"), each.key) for j, each in enumerate(team.specialists)
    )
    if team.manager is not None and team.manager not in everyone:
        yield (
            (*path, "manager"),
            f"کارشناسی با کلید {team.manager} نیست",
            f"there is no specialist {team.manager}",
        )


def _specialist(each: Specialist, path: Path, configuration: Configuration) -> Found:
    if isinstance(each.hours, Week):
        yield from _week(each.hours, (*path, "hours"))
    for place, away in enumerate(each.away):
        below: Path = (*path, "away", place)
        bad = [
            *_readable(values.day, str(away.since), (*below, "from"), _DAY),
            *_readable(values.day, str(away.until), (*below, "to"), _DAY),
        ]
        yield from bad
        if not bad and values.day(away.until) < values.day(away.since):
            yield (*below, "to"), "پیش از آغاز است", "is before the first day"
    for place, route in enumerate(each.notify):
        below = (*path, "notify", place)
        if route.channel not in unbuilt.CHANNELS:
            yield (
                (*below, "channel"),
                "کانال ناشناخته است",
                f"is not a known channel ({', '.join(unbuilt.CHANNELS)})",
            )
        elif route.channel != "console" and not route.to:
            yield (*below, "to"), "لازم است و نیامده", "is required"
        if route.channel == "webhook":
            yield from _webhook(below, configuration)


def _webhook(path: Path, configuration: Configuration) -> Found:
    channel = configuration.channels.get("webhook")
    if channel is None or not channel.secret:
        yield (
            (*path, "channel"),
            "پیام وب‌هوک امضا می‌خواهد: channels.webhook.secret را بگذارید",
            "webhook messages are signed: set channels.webhook.secret",
        )


def _routing(configuration: Configuration) -> Found:
    routing = configuration.routing
    teams = {team.key for team in configuration.teams}
    named: list[tuple[Path, str | None]] = [(("routing", "fallback"), routing.fallback)]
    named += [(("routing", "rules", i, "team"), rule.team) for i, rule in enumerate(routing.rules)]
    named += [(("routing", "pages", i, "team"), page.team) for i, page in enumerate(routing.pages)]
    for path, team in named:
        if team is not None and team not in teams:
            yield path, f"تیمی با کلید {team} نیست", f"there is no team {team}"
    for i, rule in enumerate(routing.rules):
        if (rule.team is None) == (rule.owner is None):
            yield (
                ("routing", "rules", i),
                "یا team می‌خواهد یا owner",
                "needs either a team or an owner",
            )
    pages = routing.pages
    yield from _unique(
        (("routing", "pages", i, "pattern"), page.pattern) for i, page in enumerate(pages)
    )
    for i, page in enumerate(pages):
        if "*" in page.pattern.removesuffix("/*"):
            yield (
                ("routing", "pages", i, "pattern"),
                "ستاره فقط در پایان و پس از / می‌آید",
                "may have a star only at its end, after a slash",
            )


def _sources(configuration: Configuration) -> Found:
    for i, source in enumerate(configuration.sources):
        path: Path = ("sources", i)
        if source.kind not in known.KINDS:
            yield (*path, "kind"), "نوع منبع ناشناخته است", "is not a known kind of source"
    for i, site in enumerate(configuration.sites):
        for j, host in enumerate(site.hosts):
            if "/" in host or not host.strip():
                yield (
                    ("sites", i, "hosts", j),
                    "فقط نام دامنه، بدون http:// و مسیر",
                    "takes a host name only, without http:// and path",
                )


def _durations(configuration: Configuration) -> Found:
    sla = configuration.routing.sla
    kept = configuration.privacy.retention
    written: list[tuple[Path, str | None]] = [
        (("routing", "sla", "accept_within"), sla.accept_within if sla else None),
        (("privacy", "retention", "raw"), kept.raw),
        (("privacy", "retention", "activity"), kept.activity),
        (("privacy", "retention", "lead"), kept.lead),
    ]
    for path, text in written:
        if text is not None:
            unread = [*_readable(values.duration, text, path, _DURATION)]
            yield from unread
            if not unread and values.duration(text) > values.LONGEST:
                yield path, "بیش از ۱۰۰۰ سال است (1000y)", "is more than 1000 years (1000y)"
    steps = configuration.scoring.thresholds
    if not steps.warm <= steps.hot:
        yield ("scoring", "thresholds", "hot"), "از warm کمتر است", "is less than warm"


_DAY: Final = ("روز درستی نیست (2027-03-21 یا 1406-01-01)", "is no day (2027-03-21 or 1406-01-01)")
_DURATION: Final = ("مدت درستی نیست (10m، 2h، 14d، 5y)", "is no duration (10m, 2h, 14d, 5y)")


def _readable(
    read: Callable[[str], object], text: str, path: Path, words: tuple[str, str]
) -> Found:
    try:
        read(text)
    except ValueError:
        yield path, *words


def _zone(name: str | None, path: Path) -> Found:
    if name is None:
        return
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        yield path, "منطقهٔ زمانی ناشناخته است", "is not a known time zone (as in Asia/Tehran)"


def _unique(found: Iterable[tuple[Path, str]]) -> Found:
    seen: set[str] = set()
    for path, key in found:
        if key in seen:
            yield path, "تکراری است", "is used twice"
        seen.add(key)
