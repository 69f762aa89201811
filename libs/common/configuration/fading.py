"""What rules of scoring say of age and of limits, and could not mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

from libs.common.configuration import values
from libs.common.configuration.problems import Path
from libs.common.configuration.schema import Configuration
from libs.common.configuration.scoring import ScoringRule

Found = Iterator[tuple[Path, str, str]]

MOST_POINTS: Final = 10_000
_NO_AGE: Final = ("مدت درستی نیست (14d، 3w، 1y)", "is no duration above zero (14d, 3w, 1y)")


def errors(configuration: Configuration) -> Found:
    """What never works as it is written."""
    for i, rule in enumerate(configuration.scoring.rules):
        path: Path = ("scoring", "rules", i)
        if abs(rule.points) > MOST_POINTS:
            yield (
                (*path, "points"),
                f"باید میان {-MOST_POINTS} و {MOST_POINTS} باشد",
                f"must be between {-MOST_POINTS} and {MOST_POINTS}",
            )
        if rule.half_life is not None and not _age(rule.half_life):
            yield (*path, "half_life"), *_NO_AGE
        if rule.half_life is not None and rule.steps:
            yield (
                (*path, "steps"),
                "یا half_life یا steps؛ هر دو با هم معنا ندارد",
                "cannot stand beside half_life: points fade in one way",
            )
        yield from _steps(rule, (*path, "steps"))


def warnings(configuration: Configuration) -> Found:
    """What works, but perhaps not as meant."""
    for i, rule in enumerate(configuration.scoring.rules):
        if rule.most is not None and rule.once:
            yield (
                ("scoring", "rules", i, "most"),
                "فقط در قاعده‌ای که تکرار می‌شود (once: false) اثر دارد",
                "has an effect only on a rule that repeats (once: false)",
            )


def _steps(rule: ScoringRule, path: Path) -> Found:
    ages = [_age(step.after) for step in rule.steps]
    for place, age in enumerate(ages):
        if not age:
            yield (*path, place, "after"), *_NO_AGE
    if not all(ages):
        return
    for place, (one, other) in enumerate(pairwise(rule.steps), 1):
        if not values.duration(one.after) < values.duration(other.after):
            yield (
                (*path, place, "after"),
                "باید دیرتر از پلهٔ پیشین باشد",
                "must come later than the step before",
            )
        if other.keep > one.keep:
            yield (
                (*path, place, "keep"),
                "امتیاز با گذشت زمان بیشتر نمی‌شود: باید از پلهٔ پیشین بیشتر نباشد",
                "cannot be more than the step before keeps: age adds no points",
            )


def _age(text: str) -> timedelta | None:
    try:
        return values.duration(text) or None
    except (ValueError, OverflowError):
        return None
