"""The score: the sum of what each rule found in a person's story, at a moment. Pure.

Most persons did one thing, and the rules find the same in most of these: such a score is made once,
and of the next ones only the moments are another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from libs.common.configuration.scoring import Caps, Scoring, Thresholds
from libs.common.events import Heat, Part, Reason, Score, Text
from libs.common.fading import weighed
from libs.common.normal.text import persian
from services.scoring.book import Book, Compiled
from services.scoring.fact import Fact

_DEFAULTS: Final = Scoring()


def score(
    story: Sequence[Fact],
    rules: Book,
    version: int,
    now: datetime,
    settings: Scoring = _DEFAULTS,
) -> Score:
    """The score of a story under the rules at `now`: `total` is the sum of the reasons' points.

    A rule that counts once has the points of one time: the first, or where it fades the last. One
    that repeats has them for each time, the last ones first, up to its `most`; they are told as
    one reason with the number of times. `settings` are for thresholds and caps.
    """
    if len(story) == 1 and (known := _of_one(story[0], rules, version, now, settings)):
        return known
    times: dict[int, list[datetime]] = {}
    for fact in story:
        for place in rules.fitting(fact):
            times.setdefault(place, []).append(fact.at)
    thresholds = settings.thresholds
    heat = Heat(thresholds.warm, thresholds.hot, is_listed(story))
    return _found(times, rules, settings.caps, heat, (version, now))


def _found(
    times: Mapping[int, Sequence[datetime]],
    rules: Book,
    bounds: Caps,
    heat: Heat,
    seen: tuple[int, datetime],
) -> Score:
    """What the rules at those places found, each at these times, under a version at a moment."""
    version, now = seen
    caps = {name: most for name, most in bounds if most is not None}
    found = tuple(_reason(times[place], rules[place], caps) for place in sorted(times))
    return weighed(Score(0, 0, 0, version, found, caps=caps, heat=heat), now)


class _Mould(NamedTuple):
    """The score of whoever did one thing, as if it had been at the beginning of the calendar."""

    score: Score
    lasts: timedelta | None
    """The age from which on a number is another; None: never."""


_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
"""No other moment is farther from the calendar's end: what is beyond that from here is for all."""


@lru_cache(maxsize=512)
def _mould(
    rules: Book, places: tuple[int, ...], bounds: Caps, thresholds: Thresholds, *, is_cold: bool
) -> _Mould:
    times = dict.fromkeys(places, (_BEGINNING,))
    heat = Heat(thresholds.warm, thresholds.hot, is_cold)
    made = _found(times, rules, bounds, heat, (0, _BEGINNING))
    return _Mould(made, made.changes_at - _BEGINNING if made.changes_at else None)


def _of_one(
    fact: Fact, rules: Book, version: int, now: datetime, settings: Scoring
) -> Score | None:
    """The score of one fact as long as no number of it has changed by age; None after that."""
    at, is_cold = fact.at, is_listed((fact,))
    made, lasts = _mould(
        rules, rules.fitting(fact), settings.caps, settings.thresholds, is_cold=is_cold
    )
    if now < at or (lasts is not None and now - at >= lasts):
        return None
    try:
        changes_at = at + lasts if lasts is not None else None
    except OverflowError:  # at the calendar's end something else may be the next to change
        return None
    reasons = [
        Reason(
            told.rule,
            told.group,
            told.points,
            told.text,
            at,
            told.fade,
            tuple([Part(part.points, at) for part in told.parts]),
        )
        for told in made.reasons
    ]
    return msgspec.structs.replace(
        made, version=version, reasons=tuple(reasons), as_of=now, changes_at=changes_at
    )


def is_listed(story: Sequence[Fact]) -> bool:
    """Whether all that is known came from a list: they did nothing themselves and stay cold."""
    return all(fact.fields.get("touch", {}).get("temperature") == "cold" for fact in story)


def _reason(times: Sequence[datetime], compiled: Compiled, caps: Mapping[str, int]) -> Reason:
    rule = compiled.rule
    if rule.once:
        times = times[-1:] if compiled.fade else times[:1]
    most = caps.get(rule.group) if rule.most is None else rule.most
    parts = _parts(times, rule.points, None if rule.once else most)
    points = sum(part.points for part in parts)
    is_cut = abs(points) < len(times) * abs(rule.points)
    return Reason(
        rule=rule.id,
        group=rule.group,
        points=points,
        text=_told(compiled.text, len(times), points if is_cut else 0),
        at=times[-1],
        fade=compiled.fade,
        parts=parts if compiled.fade else (),
    )


def _parts(times: Sequence[datetime], points: int, most: int | None) -> tuple[Part, ...]:
    """The latest times, the oldest of them cut to what is left of `most`; oldest first."""
    if most is None:
        return tuple(Part(points, at) for at in times) if points else ()
    left = most
    parts = []
    for at in reversed(times):
        size = min(abs(points), left)
        if not size:
            break
        parts.append(Part(size if points > 0 else -size, at))
        left -= size
    return tuple(reversed(parts))


def _told(text: Text, times: int, cut_to: int) -> Text:
    if times == 1:
        return text
    fa, en = f"{persian(times)} بار", f"{times} times"
    if cut_to:
        fa, en = f"{fa}، تا سقف {persian(cut_to)}", f"{en}, counted up to {cut_to}"
    return Text(fa=f"{text.fa} ({fa})", en=f"{text.en} ({en})")
