"""What the file says of working time that can never hold, or that nothing follows from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

from libs.common.configuration import values
from libs.common.configuration.problems import Path
from libs.common.configuration.schema import Configuration, Week

Found = Iterator[tuple[Path, str, str]]

_DAYS: Final = ("sat", "sun", "mon", "tue", "wed", "thu", "fri")
_LONGEST: Final = timedelta(days=366)


def errors(configuration: Configuration) -> Found:
    """Weeks that are never open or open twice at once, and a time to accept that is no time."""
    for path, week in _weeks(configuration):
        if not any(getattr(week, day) for day in _DAYS):
            yield (
                path,
                "هیچ ساعتی ندارد؛ سرنخ‌ها برای همیشه منتظر می‌ماندند",
                "has no hours at all; leads would wait for ever",
            )
        for day in _DAYS:
            for place, (first, second) in enumerate(pairwise(sorted(getattr(week, day)))):
                if second.partition("-")[0] < first.partition("-")[2]:
                    yield (
                        (*path, day, place),
                        "با بازهٔ دیگری از همان روز هم‌پوشانی دارد",
                        "overlaps with another range of the same day",
                    )
    sla = configuration.routing.sla
    if sla and not _is_time(sla.accept_within):
        yield (
            ("routing", "sla", "accept_within"),
            "باید دست‌کم یک ثانیه و حداکثر یک سال باشد",
            "must be at least a second and at most a year",
        )


def warnings(configuration: Configuration) -> Found:
    """Settings that hang on hours which nobody has, and a manager whom nobody is."""
    routing = configuration.routing
    if routing.outside_hours == "hold" and not any(True for _ in _weeks(configuration)):
        yield (
            ("routing", "outside_hours"),
            "اثری ندارد: ساعت کاری تعیین نشده و همیشه باز است",
            "has no effect: without working hours it is always open",
        )
    if routing.sla and not any(team.manager for team in configuration.teams):
        yield (
            ("routing", "sla", "then"),
            "هیچ تیمی مدیر ندارد؛ پس از پایان مهلت به کسی خبر داده نمی‌شود",
            "no team has a manager; nobody is told when the time is over",
        )


def _weeks(configuration: Configuration) -> Iterator[tuple[Path, Week]]:
    if configuration.organisation.working_week:
        yield ("organisation", "working_week"), configuration.organisation.working_week
    for i, team in enumerate(configuration.teams):
        for j, each in enumerate(team.specialists):
            if isinstance(each.hours, Week):
                yield ("teams", i, "specialists", j, "hours"), each.hours


def _is_time(text: str) -> bool:
    """Whether it is within bounds; what is no duration at all is said elsewhere."""
    try:
        return timedelta(0) < values.duration(text) <= _LONGEST
    except ValueError:
        return True
