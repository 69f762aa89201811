"""The topics of the system, by the names that other programs see (before any prefix)."""

from __future__ import annotations

from typing import Final

CAPTURED: Final = "leads.captured.v1"
ENRICHED: Final = "leads.enriched.v1"
SCORED: Final = "leads.scored.v1"
ROUTED: Final = "leads.routed.v1"
NOTIFIED: Final = "leads.notified.v1"
ACTIVITY: Final = "leads.activity.v1"

FLOW: Final = (CAPTURED, ENRICHED, SCORED, ROUTED, NOTIFIED, ACTIVITY)
STAGES: Final = ("capture", "enrichment", "scoring", "routing", "desk")

PARTITIONS: Final = 12
"""Of every topic, fixed for life: a person's events meet on one number in all of them."""

MAX_RECORD_BYTES: Final = 3 * 1024 * 1024
"""A body of 1 MiB at the door, in base64 beside its fields, still fits."""

RETENTION_DAYS: Final = 14
"""How long a log keeps a record: longer than the longest outage allowed for (delivery rule 4)."""


DEAD_END: Final = ".dead.v1"


def dead(stage: str) -> str:
    """The dead-letter topic of a stage."""
    return f"leads.{stage}{DEAD_END}"


ALL: Final = (*FLOW, *(dead(stage) for stage in STAGES))
