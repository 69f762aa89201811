"""What a score is worth at any later moment, from the score alone: neither rules nor facts.

Exponential decay: points x 2^(-age / half_life) (https://en.wikipedia.org/wiki/Half-life), each
part of a reason by itself, rounded to the nearest whole number, halves away from zero. So a sign
never turns and a part ends at 0. Steps keep a percentage from an age on, rounded alike.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from libs.common.events import Fade, Lead, Part, Reason, Score, Text

Group = Literal["fit", "engagement"]

GROUPS: Final[tuple[Group, ...]] = ("fit", "engagement")
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)
_SECOND: Final = 1_000_000
"""In microseconds."""
_PERSIAN: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
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
    return _temperature(score, score_at(score, now).total)


def lead_at(lead: Lead, now: datetime) -> Lead:
    """The lead with the score and the temperature of `now`; its stage does not fade."""
    score = score_at(lead.score, now)
    temperature = _temperature(score, score.total) or lead.temperature
    return msgspec.structs.replace(lead, score=score, temperature=temperature)


def weighed(score: Score, now: datetime) -> Score:
    """The score with every number made anew for `now`, from its parts and caps."""
    reasons = [_reason_at(reason, now) for reason in score.reasons if not _is_cap(reason)]
    falls = [_next(part, r.fade, now) for r in reasons for part in _fading(r)]
    sums = {group: sum(r.points for r in reasons if r.group == group) for group in GROUPS}
    for group in GROUPS:
        most = score.caps.get(group)
        if most is not None and sums[group] > most:
            reasons.append(_cap(group, most, sums[group] - most, reasons))
            sums[group] = most
    changes_at = min(falls, default=_NEVER)
    return msgspec.structs.replace(
        score,
        total=sum(sums.values()),
        **sums,
        reasons=tuple(reasons),
        as_of=now,
        changes_at=None if changes_at == _NEVER else changes_at,
    )


def earned(score: Score) -> int:
    """The total before anything faded: what the person ever did, within the caps."""
    sums = dict.fromkeys(GROUPS, 0)
    for reason in score.reasons:
        if not _is_cap(reason):
            parts = _fading(reason)
            sums[reason.group] += sum(p.points for p in parts) if parts else reason.points
    return _capped(score, sums)


def turns_at(score: Score, since: datetime) -> datetime | None:
    """The first moment after `since` at which age makes the temperature another or the total rise.

    Until then a stored temperature is right and a stored total no lower than the true one. A total
    rises when a reason that takes points away fades.
    """
    fading = [(r, part) for r in score.reasons for part in _fading(r)]
    sums = {group: _sum_of_fixed(score.reasons, group) for group in GROUPS}
    queue = []
    for number, (reason, part) in enumerate(fading):
        sums[reason.group] += worth(part, reason.fade, since)
        queue.append((_next(part, reason.fade, since), number))
    heapq.heapify(queue)
    total = _capped(score, sums)
    heat = _temperature(score, total)
    while queue and queue[0][0] != _NEVER:
        moment, number = queue[0]
        reason, part = fading[number]
        before = moment - _TICK
        sums[reason.group] += worth(part, reason.fade, moment) - worth(part, reason.fade, before)
        heapq.heapreplace(queue, (_next(part, reason.fade, moment), number))
        if queue[0][0] == moment:
            continue  # what happens at once is seen at once
        new = _capped(score, sums)
        if new > total or _temperature(score, new) != heat:
            return moment
        total = new
    return None


def worth(part: Part, fade: Fade | None, now: datetime) -> int:
    """The points of a part at `now`; before its own moment, all of them."""
    size = abs(part.points)
    if fade is None or now <= part.at or not size:
        return part.points
    left = _stepped(size, fade, part.at, now) if fade.steps else size
    if fade.half_life:
        left = min(left, _halved(size, fade.half_life, part.at, now))
    return left if part.points > 0 else -left


def _halved(size: int, half_life: int, at: datetime, now: datetime) -> int:
    """Decided by the moments of the falls, so that both always agree to the microsecond."""
    halves = (now - at) / timedelta(seconds=half_life)
    left = min(size, math.floor(size * math.exp2(-halves) + 0.5))
    while left and now >= _fall(size, left, half_life, at):
        left -= 1
    while left < size and now < _fall(size, left + 1, half_life, at):
        left += 1
    return left


def _fall(size: int, left: int, half_life: int, at: datetime) -> datetime:
    """From when on less than `left` of `size` points remain: just after left - 1/2 is reached."""
    return _later(at, math.floor(half_life * _SECOND * math.log2(size / (left - 0.5))) + 1)


def _stepped(size: int, fade: Fade, at: datetime, now: datetime) -> int:
    age = now - at
    kept = [step.keep for step in fade.steps if timedelta(seconds=step.after) <= age]
    return (size * min(kept, default=100) * 2 + 100) // 200


def _next(part: Part, fade: Fade | None, now: datetime) -> datetime:
    """When the part is worth something else; _NEVER if it never is."""
    here = worth(part, fade, now)
    if fade is None or not here:
        return _NEVER
    size = abs(part.points)
    moments = [_later(part.at, step.after * _SECOND) for step in fade.steps]
    found = [at for at in moments if at > now and worth(part, fade, at) != here]
    if fade.half_life:
        found.append(_fall(size, abs(here), fade.half_life, part.at))
    return min(found, default=_NEVER)


def _later(at: datetime, microseconds: int) -> datetime:
    try:
        return at + timedelta(microseconds=microseconds)
    except OverflowError:
        return _NEVER


def _reason_at(reason: Reason, now: datetime) -> Reason:
    parts = _fading(reason)
    if not parts:
        return reason
    points = sum(worth(part, reason.fade, now) for part in parts)
    return msgspec.structs.replace(reason, points=points)


def _fading(reason: Reason) -> tuple[Part, ...]:
    return reason.parts if reason.fade else ()


def _sum_of_fixed(reasons: Sequence[Reason], group: str) -> int:
    fixed = (r for r in reasons if r.group == group and not _fading(r) and not _is_cap(r))
    return sum(reason.points for reason in fixed)


def _capped(score: Score, sums: dict[Group, int]) -> int:
    return sum(min(points, score.caps.get(group, points)) for group, points in sums.items())


def _temperature(score: Score, total: int) -> str | None:
    if score.heat is None:
        return None
    if score.heat.is_listed:
        return "cold"
    if total >= score.heat.hot:
        return "hot"
    return "warm" if total >= score.heat.warm else "cold"


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
            fa=f"سقف گروه {name.fa}: بیش از {str(most).translate(_PERSIAN)} امتیاز شمرده نمی‌شود",
            en=f"group cap: {name.en} counts up to {most}",
        ),
        at=max(reason.at for reason in reasons if reason.group == group),
    )
