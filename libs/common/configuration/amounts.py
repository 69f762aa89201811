"""Numbers and rates that are beyond all sense, or shut out everybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from libs.common.configuration import values
from libs.common.configuration.problems import Path
from libs.common.configuration.schema import Configuration
from libs.common.normal.text import persian

Found = Iterator[tuple[Path, str, str]]

MOST: Final = 1_000_000
"""No firm has more leads, points or shares than this; it fits every column and every sum."""
MOST_HOPS: Final = 100


def errors(configuration: Configuration) -> Found:
    """What is mistyped, or refuses every form."""
    for path, number, most in _numbers(configuration):
        if number is not None and abs(number) > most:
            yield path, f"باید حداکثر {persian(most)} باشد", f"must be at most {most}"
    refuse = values.rate(configuration.limits.form_refuse_above)
    if refuse and refuse.most == 0:
        yield (
            ("limits", "form_refuse_above"),
            "همهٔ فرم‌ها را رد می‌کند؛ برای نداشتن حد، off بنویسید",
            "would refuse every form; for no limit write off",
        )


def warnings(configuration: Configuration) -> Found:
    """What holds every form for review, or refuses before anything was held."""
    limits = configuration.limits
    hold, refuse = values.rate(limits.form_per_network), values.rate(limits.form_refuse_above)
    if hold and hold.most == 0:
        yield (
            ("limits", "form_per_network"),
            "همهٔ فرم‌ها را برای بازبینی نگه می‌دارد",
            "holds every form for review",
        )
    elif hold and refuse and refuse.most / refuse.seconds < hold.most / hold.seconds:
        yield (
            ("limits", "form_refuse_above"),
            "زودتر از form_per_network پر می‌شود؛ فرم‌ها رد می‌شوند و نگه داشته نمی‌شوند",
            "is reached before form_per_network: forms are refused and not held",
        )


def _numbers(configuration: Configuration) -> Iterator[tuple[Path, float | None, int]]:
    for i, team in enumerate(configuration.teams):
        for j, each in enumerate(team.specialists):
            path: Path = ("teams", i, "specialists", j)
            yield (*path, "capacity", "open"), each.capacity.open, MOST
            yield (*path, "capacity", "per_day"), each.capacity.per_day, MOST
            yield (*path, "weight"), each.weight, MOST
    if configuration.routing.sla:
        yield ("routing", "sla", "hops"), configuration.routing.sla.hops, MOST_HOPS
    scoring = configuration.scoring
    for name in ("warm", "hot", "mql"):
        yield ("scoring", "thresholds", name), getattr(scoring.thresholds, name), MOST
    for name in ("fit", "engagement"):
        yield ("scoring", "caps", name), getattr(scoring.caps, name), MOST
    for i, rule in enumerate(scoring.rules):
        yield ("scoring", "rules", i, "most"), rule.most, MOST
