"""The score: the sum of what each rule found in a person's story. Pure, and nothing else in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from libs.common.configuration.schema import ScoringRule
from libs.common.events import Reason, Score, Text
from services.scoring.condition import Fields, Holds, compile_condition, holds_of_nothing
from services.scoring.fact import Fact

_PERSIAN: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


class Compiled(NamedTuple):
    """A rule ready to be asked about facts."""

    rule: ScoringRule
    conditions: tuple[Holds, ...]
    roots: frozenset[str]
    """A fact without fields under each of these cannot fulfil the rule."""

    def holds(self, fields: Fields) -> bool:
        """Whether every condition holds of one fact."""
        return self.roots <= fields.keys() and all(holds(fields) for holds in self.conditions)


def compile_rules(
    shipped: Iterable[ScoringRule], configured: Iterable[ScoringRule]
) -> tuple[Compiled, ...]:
    """The rules in force: a configured one takes the place of the shipped one of its id."""
    rules = {rule.id: rule for rule in (*shipped, *configured)}
    return tuple(_compiled(rule) for rule in rules.values())


def _compiled(rule: ScoringRule) -> Compiled:
    conditions = rule.when if isinstance(rule.when, tuple) else (rule.when,)
    roots = frozenset(c.field.partition(".")[0] for c in conditions if not holds_of_nothing(c))
    return Compiled(rule, tuple(map(compile_condition, conditions)), roots)


def score(story: Sequence[Fact], rules: Sequence[Compiled], version: int) -> Score:
    """The score of a story under the rules: `total` is the sum of the reasons' points.

    A rule that counts once gives its points for the first fact that fits; one that repeats
    gives them for each, told as one reason with the number of times and the last time.
    """
    reasons = tuple(reason for rule in rules if (reason := _reason(story, rule)) is not None)
    fit = sum(reason.points for reason in reasons if reason.group == "fit")
    engagement = sum(reason.points for reason in reasons if reason.group == "engagement")
    return Score(
        total=fit + engagement, fit=fit, engagement=engagement, version=version, reasons=reasons
    )


def _reason(story: Sequence[Fact], compiled: Compiled) -> Reason | None:
    rule = compiled.rule
    fitting = (fact for fact in story if compiled.holds(fact.fields))
    first = next(fitting, None)
    if first is None:
        return None
    rest = () if rule.once else tuple(fitting)
    times = 1 + len(rest)
    return Reason(
        rule=rule.id,
        group=rule.group,
        points=rule.points * times,
        text=_told(Text(fa=rule.text.fa, en=rule.text.en), times),
        at=rest[-1].at if rest else first.at,
    )


def _told(text: Text, times: int) -> Text:
    if times == 1:
        return text
    return Text(
        fa=f"{text.fa} ({str(times).translate(_PERSIAN)} بار)", en=f"{text.en} ({times} times)"
    )
