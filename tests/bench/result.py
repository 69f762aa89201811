"""A row of what was measured: ours and its baseline, run by run."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple


class Target(NamedTuple):
    """Below the floor is a defect, at the reach is what is wanted."""

    floor: float
    reach: float
    of: Literal["ratio", "ours"] = "ours"
    """Whether it is about the ratio to the baseline, or about our figure."""
    least: bool = True
    """Whether at least (True) or at most that much is wanted."""


class Row(NamedTuple):
    """What `runs` pairs gave."""

    name: str
    log: str
    unit: str
    ours: Sequence[float]
    baseline_name: str = ""
    baseline: Sequence[float] = ()
    target: Target | None = None
    note: str = ""

    @property
    def ratios(self) -> list[float]:
        """Ours by its baseline, each pair by itself."""
        return [o / b for o, b in zip(self.ours, self.baseline, strict=False) if b]

    @property
    def verdict(self) -> str:
        """By the median: `below`, `floor` or `reach`; empty without a target."""
        if self.target is None:
            return ""
        of = self.ratios if self.target.of == "ratio" else list(self.ours)
        if not of:
            return ""
        middle, sign = statistics.median(of), 1 if self.target.least else -1
        if middle * sign >= self.target.reach * sign:
            return "reach"
        return "floor" if middle * sign >= self.target.floor * sign else "below"

    def plain(self) -> dict[str, Any]:
        """For build/bench.json."""
        return {
            "name": self.name,
            "log": self.log,
            "unit": self.unit,
            "ours": list(self.ours),
            "baseline": {"name": self.baseline_name, "values": list(self.baseline)},
            "ratios": self.ratios,
            "target": self.target._asdict() if self.target else None,
            "verdict": self.verdict,
            "note": self.note,
        }


def spread(values: Sequence[float]) -> str:
    """Min, median and max, as long as is useful."""
    if not values:
        return ""
    low, middle, high = min(values), statistics.median(values), max(values)
    return " / ".join(_short(each) for each in (low, middle, high))


def _short(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
