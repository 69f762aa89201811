"""What the health page says on top: is anything lost, held, stuck? Pure, from what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from libs.common.configuration import Problem, known
from libs.common.events import Text
from libs.common.expiring import Expiry
from libs.common.normal.text import persian
from services.desk.reading.rows import ComparisonRow
from services.desk.sources.comparison import concerns
from services.desk.sources.tokens import left_of
from services.desk.words import STEPS, said

STUCK_AFTER: Final = timedelta(minutes=2)
"""A stage that has had records waiting for so long, without a moment at its end, is behind."""

STARVED_AFTER: Final = timedelta(minutes=5)
"""Content of a platform's lead is there within seconds; so long, and something is in the way."""


class StageSeen(NamedTuple):
    """How far a stage is behind: records in the log that it has not done."""

    name: str
    lag: int | None
    """None where the log cannot be asked."""
    behind_for: timedelta
    trouble: str | None = None
    """What it says of itself, where it runs in this process."""


class Alarm(NamedTuple):
    """A silence of a source that was told: since its last word, and when it was told."""

    last_at: datetime
    told_at: datetime
    usual_at_most: timedelta | None = None
    """How long a pause that begins then usually lasts at most."""


class SourceSeen(NamedTuple):
    """One way in, and how it has been used."""

    key: str
    kind: str
    last: datetime | None
    usual: timedelta | None
    today: int
    tests: int
    is_silent: bool
    is_unsigned: bool
    paused: Mapping[str, object] | None = None
    hydrating: int = 0
    """Leads that came as an id and wait for their content."""
    hydrating_since: datetime | None = None
    waits_until: datetime | None = None
    comparison: ComparisonRow | None = None
    """How it compares with its platform's list, while it is compared."""
    """Its platform is not asked before."""
    token: Expiry | None = None
    """The last day of its access token, where that is configured."""
    alarm: Alarm | None = None
    """That it has gone quiet, while it is so."""

    @property
    def is_nameless(self) -> bool:
        """Whether a pause of it keeps back names only, and no lead."""
        return bool(self.paused) and self.kind in known.NAMED

    @property
    def is_ending(self) -> bool:
        """Whether its token ends soon, or has ended."""
        return self.token is not None and self.token.level != "calm"

    def is_starved(self, now: datetime) -> bool:
        """Whether content does not come: the platform is away, or has asked us to wait."""
        since = self.hydrating_since
        return since is not None and now - since > STARVED_AFTER


class Configured(NamedTuple):
    """Which configuration is in force, and what is wrong with the file as it is now."""

    version: int
    since: datetime | None
    file: str
    refused: Sequence[Problem]
    warnings: Sequence[Problem]


class Health(NamedTuple):
    """Everything that the health page shows, at one moment."""

    at: datetime
    balanced: bool | None
    """None where the books cannot be made up now."""
    problems: int
    stages: Sequence[StageSeen]
    held: Mapping[str, int]
    dead: Mapping[str, int]
    untold: int
    sources: Sequence[SourceSeen]
    misaddressed: int
    configured: Configured


class Sign(NamedTuple):
    """One thing that wants somebody, and where it is dealt with."""

    level: Literal["bad", "warn"]
    text: Text
    place: str


def signs(health: Health) -> tuple[Sign, ...]:
    """All of them, the worst first."""
    found = [*_of_books(health), *_of_stages(health), *_of_waiting(health), *_of_sources(health)]
    if health.configured.refused:
        found.append(
            Sign(
                "bad",
                Text(
                    "پروندهٔ پیکربندی رد شده و همان پیشین برقرار است",
                    "The configuration file is refused; the one before it stays in force",
                ),
                "#configuration",
            )
        )
    return tuple(sorted(found, key=lambda sign: sign.level != "bad"))


def verdict(found: Sequence[Sign], *, balanced: bool | None) -> Text:
    """One line for whoever looks at 2 a.m."""
    if balanced is None:
        return Text(
            "اکنون نمی‌توان حساب‌ها را بست؛ چند لحظه دیگر دوباره",
            "The books cannot be made up just now; look again in a moment",
        )
    if not balanced:
        return Text("حساب‌ها نمی‌خوانند", "The books do not balance")
    if any(sign.level == "bad" for sign in found):
        return Text("چیزی گم نشده، اما جایی گیر کرده", "Nothing is lost, but something is stuck")
    if found:
        n = len(found)
        return Text(
            f"چیزی گم نشده؛ {persian(n)} مورد نگاه شما را می‌خواهد",
            f"Nothing is lost; {_many(n, 'thing wants', 'things want')} a look",
        )
    return Text("همه چیز سر جایش است", "Everything is in its place")


def _many(n: int, one: str, more: str) -> str:
    return f"{n} {one if n == 1 else more}"


def _of_books(health: Health) -> list[Sign]:
    if health.balanced is not False:
        return []
    n = health.problems
    text = Text(
        f"{persian(n)} ناخوانی در حساب‌ها", _many(n, "problem", "problems") + " in the books"
    )
    return [Sign("bad", text, "#books")]


def _of_stages(health: Health) -> list[Sign]:
    found = []
    for stage in health.stages:
        name = said(STEPS, stage.name)
        if stage.trouble:
            text = Text(f"{name.fa}: {stage.trouble}", f"{name.en}: {stage.trouble}")
            found.append(Sign("bad", text, "#stages"))
        elif stage.lag and stage.behind_for > STUCK_AFTER:
            n = stage.lag
            text = Text(
                f"{name.fa} عقب مانده: {persian(n)} رویداد در راه",
                f"{name.en} is behind: " + _many(n, "record waits", "records wait"),
            )
            found.append(Sign("bad", text, "#stages"))
    return found


def _of_waiting(health: Health) -> list[Sign]:
    found = []
    if dead := sum(health.dead.values()):
        text = Text(
            f"{persian(dead)} رویداد از راه مانده",
            _many(dead, "dead letter waits", "dead letters wait") + " for somebody",
        )
        found.append(Sign("warn", text, "/dead-letters"))
    if held := sum(health.held.values()):
        text = Text(f"{persian(held)} ارسال برای بررسی", f"{held} held for review")
        found.append(Sign("warn", text, "/quarantine"))
    if n := health.untold:
        text = Text(
            f"{persian(n)} سرنخ به هیچ‌کس خبر داده نشده",
            _many(n, "lead", "leads") + " that nobody was told of",
        )
        found.append(Sign("warn", text, "#untold"))
    if n := health.misaddressed:
        text = Text(
            f"{persian(n)} فرم ناشناخته در صفحه‌های خودمان",
            _many(n, "unknown form", "unknown forms") + " on pages of our own",
        )
        found.append(Sign("warn", text, "#misaddressed"))
    return found


def _of_sources(health: Health) -> list[Sign]:
    found = []
    for source in health.sources:
        if source.is_nameless:
            text = Text(
                f"نام فرستنده‌های {source.key} از سکو گرفته نمی‌شود؛ سرنخ‌هایش می‌رسند",
                f"The names of {source.key} are not fetched; its leads arrive",
            )
            found.append(Sign("warn", text, "#sources"))
        elif source.paused:
            text = Text(f"منبع {source.key} ایستاده", f"The source {source.key} is paused")
            found.append(Sign("bad", text, "#sources"))
        elif source.is_starved(health.at):
            n = source.hydrating
            text = Text(
                f"{persian(n)} سرنخ از {source.key} چشم‌به‌راه محتواست؛ سکو هنوز نداده",
                _many(n, "lead", "leads") + f" of {source.key} without content so far: "
                "the platform has not given it",
            )
            found.append(Sign("warn", text, "#sources"))
        elif source.is_silent:
            text = Text(
                f"منبع {source.key} بیش از معمول ساکت است",
                f"The source {source.key} is quiet for longer than usual",
            )
            found.append(Sign("warn", text, "#sources"))
        found += _of_token(source)
        if source.comparison:
            found += [Sign("warn", text, "#sources") for text in concerns(source.comparison)]
        if source.is_unsigned:
            text = Text(
                f"منبع {source.key} بی‌رمز است و هر کسی می‌تواند به نامش بفرستد",
                f"The source {source.key} has no secret: anybody can send in its name",
            )
            found.append(Sign("warn", text, "#sources"))
    return found


def _of_token(source: SourceSeen) -> list[Sign]:
    if source.token is None or not source.is_ending:
        return []
    left = left_of(source.token)
    text = Text(f"منبع {source.key}: {left.fa}", f"The source {source.key}: {left.en}")
    return [Sign("warn" if source.token.level == "warn" else "bad", text, "#sources")]
