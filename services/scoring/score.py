"""The score: the sum of what each rule found in a person's story, at a moment. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from libs.common.configuration.scoring import Scoring
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
    caps = {name: most for name, most in settings.caps if most is not None}
    times: dict[int, list[datetime]] = {}
    for fact in story:
        for place in rules.fitting(fact):
            times.setdefault(place, []).append(fact.at)
    found = tuple(_reason(times[place], rules[place], caps) for place in sorted(times))
    heat = Heat(settings.thresholds.warm, settings.thresholds.hot, is_listed(story))
    whole = Score(0, 0, 0, version, found, caps=caps, heat=heat)
    return weighed(whole, now)


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
