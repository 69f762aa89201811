"""The states of a submission, ranked: within a round it never goes back."""

from __future__ import annotations

from typing import Final

RANKS: Final = {
    "received": 10,
    "hydrating": 20,
    "enriched": 30,
    "scored": 40,
    "waiting": 45,  # who has been given away does not wait again in the same round
    "assigned": 50,
    "undelivered": 90,
    "notified": 91,  # an unknown send that turns out sent makes an undelivered one notified
    "duplicate": 90,
    "activity": 90,
    "quarantined": 90,
    "test": 90,
    "dead": 95,
    "discarded": 97,
    "erased": 99,
}
"""docs/architecture.md, "States of a submission"."""

BEFORE: Final = {"enrichment": "received", "scoring": "enriched", "routing": "scored"}
"""Where a submission stands again when the letter of the stage that it died in is replayed."""
