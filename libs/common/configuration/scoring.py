"""The configuration's part about scoring: rules, thresholds and caps."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from libs.common.configuration.parts import Key, Named, Part


class Condition(Part):
    """`field op value`, as in `{field: activity.page, op: matches, value: "x/*"}`."""

    field: str
    op: Literal["is", "is_not", "in", "matches", "contains", "at_least", "at_most", "exists"]
    value: Any = None


class Decay(Part):
    """From this age on (`7d`), so many percent of a rule's points are kept."""

    after: str
    keep: int = Field(ge=0, le=100)


class ScoringRule(Part):
    """Points for a trait (fit) or something done (engagement); they fade if it says how.

    `most` is what a rule that repeats may come to; without it, its group's cap.
    """

    id: Key
    group: Literal["fit", "engagement"]
    when: Condition | tuple[Condition, ...]
    points: int
    half_life: str | None = None
    steps: tuple[Decay, ...] = ()
    once: bool = True
    most: int | None = Field(default=None, ge=1)
    text: Named


class Thresholds(Part):
    """From which total a lead is warm, hot, and marketing-qualified."""

    warm: int = 30
    hot: int = 60
    mql: int = 50


class Caps(Part):
    """The most that each group counts; null: no limit."""

    fit: int | None = Field(default=100, ge=1)
    engagement: int | None = Field(default=100, ge=1)


class Scoring(Part):
    """Rules that are added to the shipped ones, or replace them by id."""

    rules: tuple[ScoringRule, ...] = ()
    thresholds: Thresholds = Thresholds()
    caps: Caps = Caps()
