"""The score: the sum of what each rule found in a person's story, at a moment. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from libs.common.configuration.scoring import Condition, Scoring, ScoringRule
from libs.common.configuration.values import duration
from libs.common.events import Decay, Fade, Heat, Part, Reason, Score, Text
from libs.common.fading import weighed
from libs.common.normal.text import persian
from services.scoring.condition import Holds, compile_condition, holds_of_nothing
from services.scoring.fact import Fact

_DEFAULTS: Final = Scoring()


class Compiled(NamedTuple):
    """A rule ready to be asked about facts."""

    rule: ScoringRule
    conditions: tuple[Holds, ...]
    roots: frozenset[str]
    """A fact without fields under each of these cannot fulfil the rule."""
    fade: Fade | None
    is_of_staff: bool
    """Whether it asks for something that staff do; only then does what they did count."""
    text: Text

    def counts(self, fact: Fact) -> bool:
        """Whether every condition holds of the fact."""
        if fact.kind == "staff" and not self.is_of_staff:
            return False
        fields = fact.fields
        if not self.roots <= fields.keys():
            return False
        for holds in self.conditions:  # noqa: SIM110 - asked of every fact: all() costs as much again
            if not holds(fields):
                return False
        return True


def compile_rules(
    shipped: Iterable[ScoringRule], configured: Iterable[ScoringRule]
) -> tuple[Compiled, ...]:
    """The rules in force: a configured one takes the place of the shipped one of its id."""
    rules = {rule.id: rule for rule in (*shipped, *configured)}
    return tuple(_compiled(rule) for rule in rules.values())


def _compiled(rule: ScoringRule) -> Compiled:
    conditions = rule.when if isinstance(rule.when, tuple) else (rule.when,)
    roots = frozenset(c.field.partition(".")[0] for c in conditions if not holds_of_nothing(c))
    return Compiled(
        rule,
        tuple(map(compile_condition, conditions)),
        roots,
        fade_of(rule),
        any(map(_names_staff, conditions)),
        Text(fa=rule.text.fa, en=rule.text.en),
    )


def fade_of(rule: ScoringRule) -> Fade | None:
    """How the rule's points fade, in seconds; None where they do not."""
    if rule.half_life is None and not rule.steps:
        return None
    steps = (Decay(_seconds(step.after), step.keep) for step in rule.steps)
    return Fade(_seconds(rule.half_life) if rule.half_life else None, tuple(steps))


def _seconds(text: str) -> int:
    return int(duration(text).total_seconds())


def _names_staff(condition: Condition) -> bool:
    value = condition.value
    several = value if isinstance(value, list | tuple) else (value,)
    named = any(str(one).startswith("staff.") for one in several)
    return condition.field == "activity.type" and condition.op in ("is", "in", "matches") and named


def score(
    story: Sequence[Fact],
    rules: Sequence[Compiled],
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
    known = {root for fact in story for root in fact.fields}
    found = [_reason(story, rule, caps) for rule in rules if rule.roots <= known]
    heat = Heat(settings.thresholds.warm, settings.thresholds.hot, is_listed(story))
    whole = Score(0, 0, 0, version, tuple(filter(None, found)), caps=caps, heat=heat)
    return weighed(whole, now)


def is_listed(story: Sequence[Fact]) -> bool:
    """Whether all that is known came from a list: they did nothing themselves and stay cold."""
    return all(fact.fields.get("touch", {}).get("temperature") == "cold" for fact in story)


def _reason(story: Sequence[Fact], compiled: Compiled, caps: Mapping[str, int]) -> Reason | None:
    fitting = _times(story, compiled)
    if not fitting:
        return None
    rule = compiled.rule
    most = caps.get(rule.group) if rule.most is None else rule.most
    parts = _parts(fitting, rule.points, None if rule.once else most)
    points = sum(part.points for part in parts)
    is_cut = abs(points) < len(fitting) * abs(rule.points)
    return Reason(
        rule=rule.id,
        group=rule.group,
        points=points,
        text=_told(compiled.text, len(fitting), points if is_cut else 0),
        at=fitting[-1],
        fade=compiled.fade,
        parts=parts if compiled.fade else (),
    )


def _times(story: Sequence[Fact], compiled: Compiled) -> list[datetime]:
    if not compiled.rule.once:
        return [fact.at for fact in story if compiled.counts(fact)]
    for fact in reversed(story) if compiled.fade else story:
        if compiled.counts(fact):
            return [fact.at]
    return []


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
