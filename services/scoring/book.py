"""Rules in force, and which of them a fact fulfils: asked once for all facts that are alike.

What the rules may ask of a fact is a handful of values; most persons bring the same ones. A field
of which they only ask whether it is there counts as that, whatever it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

from libs.common.configuration.scoring import Condition, ScoringRule
from libs.common.configuration.values import duration
from libs.common.events import Decay, Fade, Text
from services.scoring.condition import Holds, compile_condition, holds_of_nothing, value_at
from services.scoring.fact import Fact

_MOST: Final = 4096
"""Kinds of facts that are remembered."""
_LONGEST: Final = 200
"""Letters of a value that is worth remembering: what is longer is hardly said twice."""
_PLAIN: Final = (str, bool, int, float, type(None))
_Asked = tuple[str, tuple[tuple[tuple[str, ...], bool], ...]]
"""A root, and what is asked about below it."""


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
        return self.roots <= fields.keys() and all(holds(fields) for holds in self.conditions)


class Book:
    """The rules in force, in order."""

    def __init__(self, rules: Sequence[Compiled]) -> None:
        self._rules = tuple(rules)
        conditions = [one for each in rules for one in _conditions(each.rule)]
        told = {one.field for one in conditions if one.op != "exists"}
        self._asked = _by_root(dict.fromkeys(condition.field for condition in conditions), told)
        self._known: dict[tuple[Any, ...], tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[Compiled]:
        return iter(self._rules)

    def __getitem__(self, place: int) -> Compiled:
        return self._rules[place]

    def fitting(self, fact: Fact) -> tuple[int, ...]:
        """The places of the rules that the fact fulfils, ascending."""
        likeness = self._likeness(fact)
        if likeness is None:
            return self._asked_of(fact)
        found = self._known.get(likeness)
        if found is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            found = self._known[likeness] = self._asked_of(fact)
        return found

    def _asked_of(self, fact: Fact) -> tuple[int, ...]:
        return tuple(n for n, compiled in enumerate(self._rules) if compiled.counts(fact))

    def _likeness(self, fact: Fact) -> tuple[Any, ...] | None:
        """What two facts share that fulfil the same rules; None for one that is not compared."""
        fields = fact.fields
        found: list[Any] = [fact.kind == "staff"]
        for root, asked in self._asked:
            inner = fields.get(root)
            for names, is_told in asked:
                value = value_at(inner, names)
                if value is not None and type(value) is not str:
                    value = _comparable(value) if is_told else _is_there(value)
                    if value is None:
                        return None
                elif not is_told:
                    value = bool(value)
                elif value and len(value) > _LONGEST:
                    return None
                found.append(value)
        return tuple(found)


def _by_root(names: Iterable[str], told: AbstractSet[str]) -> tuple[_Asked, ...]:
    """The fields, each without its root, and of which of them more counts than being there."""
    found: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
    for name in names:
        root, *rest = name.split(".")
        found.setdefault(root, []).append((tuple(rest), name in told))
    return tuple((root, tuple(asked)) for root, asked in found.items())


def _comparable(value: Any) -> Any:
    """A value that is no text, with its kind: one is no truth, though both are equal."""
    if isinstance(value, list | tuple):
        return tuple((type(one), one) for one in value) if all(map(_is_short, value)) else None
    return (type(value), value) if _is_short(value) else None


def _is_short(value: Any) -> bool:
    return isinstance(value, _PLAIN) and not (type(value) is str and len(value) > _LONGEST)


def _is_there(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(one not in (None, "", {}, []) for one in value)
    return value is not None and value not in ("", {})


def compile_rules(shipped: Iterable[ScoringRule], configured: Iterable[ScoringRule]) -> Book:
    """The rules in force: a configured one takes the place of the shipped one of its id."""
    rules = {rule.id: rule for rule in (*shipped, *configured)}
    return Book([_compiled(rule) for rule in rules.values()])


def _conditions(rule: ScoringRule) -> tuple[Condition, ...]:
    return rule.when if isinstance(rule.when, tuple) else (rule.when,)


def _compiled(rule: ScoringRule) -> Compiled:
    conditions = _conditions(rule)
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
