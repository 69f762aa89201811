"""What a score is worth at any later moment, from the score alone: neither rules nor facts.

Exponential decay: points x 2^(-age / half_life) (https://en.wikipedia.org/wiki/Half-life), each
part of a reason by itself, rounded to the nearest whole number, halves away from zero. So a sign
never turns and a part ends at 0. Steps keep a percentage from an age on, rounded alike.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple

import msgspec

from libs.common.events import Fade, Heat, Lead, Part, Reason, Score, Text
from libs.common.normal.text import persian

Group = Literal["fit", "engagement"]

GROUPS: Final[tuple[Group, ...]] = ("fit", "engagement")
_TICK: Final = timedelta(microseconds=1)
_SECOND: Final = 1_000_000
"""In microseconds."""
_STAYS: Final = Fade()
_NAMES: Final = {"fit": Text("تناسب", "fit"), "engagement": Text("تعامل", "engagement")}


def score_at(score: Score, now: datetime) -> Score:
    """The score as it is at `now`; earlier than its own moment, and one without: unchanged."""
    if score.as_of is None or now <= score.as_of:
        return score
    if score.changes_at is None or now < score.changes_at:
        return msgspec.structs.replace(score, as_of=now)
    return weighed(score, now)


def temperature_at(score: Score, now: datetime) -> str | None:
    """Cold, warm or hot at `now`; None for a score that does not say its thresholds."""
    return _temperature(score.heat, score_at(score, now).total)


def lead_at(lead: Lead, now: datetime) -> Lead:
    """The lead with the score and the temperature of `now`; its stage does not fade."""
    score = score_at(lead.score, now)
    temperature = _temperature(score.heat, score.total) or lead.temperature
    return msgspec.structs.replace(lead, score=score, temperature=temperature)


def weighed(score: Score, now: datetime) -> Score:
    """The score with every number made anew for `now`, from its parts and caps."""
    reasons: list[Reason] = []
    falls: list[datetime] = []
    sums = dict.fromkeys(GROUPS, 0)
    for told in score.reasons:
        if not _is_cap(told):
            reason, moments = _reason_at(told, now)
            reasons.append(reason)
            falls += moments
            sums[reason.group] += reason.points
    for group in GROUPS:
        most = score.caps.get(group)
        if most is not None and sums[group] > most:
            reasons.append(_cap(group, most, sums[group] - most, reasons))
            sums[group] = most
    return msgspec.structs.replace(
        score,
        total=sum(sums.values()),
        **sums,
        reasons=tuple(reasons),
        as_of=now,
        changes_at=min(falls, default=None),
    )


def earned(score: Score) -> int:
    """The total before anything faded: what the person ever did, within the caps."""
    sums = dict.fromkeys(GROUPS, 0)
    for reason in score.reasons:
        if parts := _fading(reason):
            for part in parts:
                sums[reason.group] += part.points
        elif not _is_cap(reason):
            sums[reason.group] += reason.points
    return _capped(_caps(score), sums)


def turns_at(score: Score, since: datetime) -> datetime | None:
    """The first moment after `since` at which age makes the temperature another or the total rise.

    Until then a stored temperature is right and a stored total no lower than the true one. A total
    rises when a reason that takes points away fades.
    """
    fixed, parts, moments = dict.fromkeys(GROUPS, 0), [], []
    for reason in score.reasons:
        if fading := _fading(reason):
            fade = reason.fade or _STAYS
            parts += [(reason.group, part.points, fade) for part in fading]
            moments += [part.at for part in fading]
        elif not _is_cap(reason):
            fixed[reason.group] += reason.points
    course = _Course(tuple(fixed.values()), tuple(parts), _caps(score), score.heat)
    if moments and all(at == moments[0] for at in moments):
        turn = _turn_of(course)
        if turn.first is None or (since - moments[0]) // _TICK < turn.first:
            return _later(moments[0], turn.after)
    after = _turn(course, [(since - at) // _TICK for at in moments])
    return _later(since, after)


class _Course(NamedTuple):
    """All that a score's further way follows from, but the ages of its parts."""

    fixed: tuple[int, ...]
    """Points of each of `GROUPS` that do not fade."""
    parts: tuple[tuple[Group, int, Fade], ...]
    caps: tuple[int | None, ...]
    heat: Heat | None


class _Turn(NamedTuple):
    first: int | None
    """The age in microseconds until which the parts are worth what they were."""
    after: int | None
    """The age in microseconds at which the score turns."""


@lru_cache(maxsize=2048)
def _turn_of(course: _Course) -> _Turn:
    """When a score turns whose parts are all of one moment: most are, and few courses differ."""
    ladders = (_ladder(abs(points), fade) for _, points, fade in course.parts)
    first = min((ladder.ages[0] for ladder in ladders if ladder.ages), default=None)
    return _Turn(first, _turn(course, [0] * len(course.parts)))


def _turn(course: _Course, ages: Sequence[int]) -> int | None:
    """Microseconds from when the parts had these ages until it turns."""
    sums = dict(zip(GROUPS, course.fixed, strict=True))
    courses: list[tuple[Group, Iterator[tuple[int, int]]]] = []
    rises = False
    for (group, points, fade), age in zip(course.parts, ages, strict=True):
        left, falls = _way_down(points, fade, age)
        sums[group] += left
        rises = rises or left < 0
        courses.append((group, falls))
    total = _capped(course.caps, sums)
    heat = _temperature(course.heat, total)
    if not rises and heat in {None, "cold"}:  # it only falls, and nothing is colder
        return None
    changes = sorted((after, group, by) for group, falls in courses for after, by in falls)
    for place, (after, group, change) in enumerate(changes, 1):
        sums[group] += change
        if place < len(changes) and changes[place][0] == after:
            continue  # what changes at one moment counts together
        new = _capped(course.caps, sums)
        if new > total or _temperature(course.heat, new) != heat:
            return after
        total = new
    return None


def worth(part: Part, fade: Fade, now: datetime) -> tuple[int, datetime | None]:
    """The points of a part at `now` (before its own moment, all of them), and their next change."""
    ages, left = _ladder(abs(part.points), fade)
    place = bisect_right(ages, (now - part.at) // _TICK)
    change = _later(part.at, ages[place]) if place < len(ages) else None
    return (left[place] if part.points > 0 else -left[place]), change


class _Ladder(NamedTuple):
    ages: tuple[int, ...]
    """In microseconds, at which a part is worth something else."""
    left: tuple[int, ...]
    """What it is worth before the first of them, and from each of them on."""


@lru_cache(maxsize=512)
def _ladder(size: int, fade: Fade) -> _Ladder:
    """How so many points go down by age: few sizes and fades make the scores of everybody."""
    rungs = [(step.after * _SECOND, (size * step.keep * 2 + 100) // 200) for step in fade.steps]
    if fade.half_life:
        rungs += ((_fall(size, left, fade.half_life), left - 1) for left in range(1, size + 1))
    ages: list[int] = []
    lefts = [size]
    for age, left in sorted(rungs):
        if left < lefts[-1]:
            ages.append(age)
            lefts.append(left)
    return _Ladder(tuple(ages), tuple(lefts))


def _fall(size: int, left: int, half_life: int) -> int:
    """The age from which on less than `left` of `size` remain: just after left - 1/2 is reached."""
    return math.floor(half_life * _SECOND * math.log2(size / (left - 0.5))) + 1


def _way_down(points: int, fade: Fade, age: int) -> tuple[int, Iterator[tuple[int, int]]]:
    """What a part is worth at this age, and each later change: microseconds after, points."""
    ages, left = _ladder(abs(points), fade)
    place = bisect_right(ages, age)
    sign = 1 if points > 0 else -1
    changes = ((ages[n] - age, sign * (left[n + 1] - left[n])) for n in range(place, len(ages)))
    return sign * left[place], changes


def _later(at: datetime, microseconds: int | None) -> datetime | None:
    """None for never, and after the calendar's end."""
    if microseconds is None:
        return None
    try:
        return at + timedelta(microseconds=microseconds)
    except OverflowError:
        return None


def _reason_at(reason: Reason, now: datetime) -> tuple[Reason, list[datetime]]:
    """The reason as it is worth at `now`, and when each part of it is worth something else."""
    if reason.fade is None or not reason.parts:
        return reason, []
    found = [worth(part, reason.fade, now) for part in reason.parts]
    points = sum(left for left, _ in found)
    falls = [change for _, change in found if change]
    if points != reason.points:
        reason = msgspec.structs.replace(reason, points=points)
    return reason, falls


def _fading(reason: Reason) -> tuple[Part, ...]:
    return reason.parts if reason.fade else ()


def _caps(score: Score) -> tuple[int | None, ...]:
    return tuple(map(score.caps.get, GROUPS))


def _capped(caps: Sequence[int | None], sums: dict[Group, int]) -> int:
    total = 0
    for points, most in zip(sums.values(), caps, strict=True):
        total += points if most is None else min(points, most)
    return total


def _temperature(heat: Heat | None, total: int) -> str | None:
    if heat is None:
        return None
    if heat.is_listed:
        return "cold"
    if total >= heat.hot:
        return "hot"
    return "warm" if total >= heat.warm else "cold"


def _is_cap(reason: Reason) -> bool:
    """No rule of the file can have an id with a dot in it."""
    return reason.rule.startswith("cap.")


def _cap(group: Group, most: int, over: int, reasons: Sequence[Reason]) -> Reason:
    name = _NAMES[group]
    return Reason(
        rule=f"cap.{group}",
        group=group,
        points=-over,
        text=Text(
            fa=f"سقف گروه {name.fa}: بیش از {persian(most)} امتیاز شمرده نمی‌شود",
            en=f"group cap: {name.en} counts up to {most}",
        ),
        at=max(reason.at for reason in reasons if reason.group == group),
    )
