"""Every metric of the system, declared in one place. Labels never hold contact data."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

SLICE_SECONDS: Final = Histogram(
    "sarnakh_stage_slice_seconds",
    "From a slice in hand to its answers acknowledged.",
    ["stage"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
EVENTS: Final = Counter(
    "sarnakh_stage_events_total", "Events by what became of them.", ["stage", "outcome"]
)
HELD: Final = Counter(
    "sarnakh_stage_holds_total", "How often a stage waited for a dependency.", ["stage"]
)
LAG: Final = Gauge("sarnakh_stage_lag_records", "Records waiting, as last seen.", ["stage"])
SKIPPED: Final = Gauge(
    "sarnakh_stage_skipped_records",
    "Records that retention dropped before the stage had read them: an alarm, never normal.",
    ["stage"],
)
