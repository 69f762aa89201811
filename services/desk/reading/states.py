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
    "discarded": 97,
    "erased": 99,
}
"""docs/architecture.md, "States of a submission"."""

DEAD_IN: Final = {"enrichment": 25, "scoring": 35, "routing": 42}
"""A death in a stage stands until what that stage answers is seen: then another event of the same
submission (a later revision, a resend) took the step, and the dead one is its letter's matter."""

BEFORE: Final = {"enrichment": "received", "scoring": "enriched", "routing": "scored"}
"""Where a submission stands again when the letter of the stage that it died in is replayed."""
