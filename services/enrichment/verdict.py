"""What becomes of a submission before anyone asks who it is."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from libs.common.events import Contact
from services.enrichment.draft import Draft

Outcome = Literal["enriched", "hydrating", "activity", "quarantined", "test", "discarded", "erased"]

VISITS: Final = frozenset({"activity", "qr"})
"""Kinds of submissions that are no lead, whatever they bring."""
SUSPECTED_BOT: Final = "suspected_bot"
TOO_MANY: Final = ("rate",)
"""Signs that speak of the network alone: other visitors of a busy one are no bots."""
TOO_MANY_POSTS: Final = "too_many_posts"
UNUSABLE_CONTACT: Final = "unusable_contact"


class Verdict(NamedTuple):
    """The outcome, and why it is held if it is."""

    outcome: Outcome
    reason: str | None = None


def judge(draft: Draft, *, released: bool) -> Verdict:
    """Decide; what a person has released is somebody, whatever spoke against it.

    Whom staff put in by name alone stood before them, and is a lead too.
    """
    captured = draft.captured
    cases = (
        (released and captured.kind not in VISITS, Verdict("enriched")),
        (captured.hydrate, Verdict("hydrating")),
        (captured.test, Verdict("test")),
        (captured.held and not released, Verdict("quarantined", captured.held)),
        (captured.kind in VISITS, Verdict("activity")),
        (draft.signs == TOO_MANY, Verdict("quarantined", TOO_MANY_POSTS)),
        (draft.signs, Verdict("quarantined", SUSPECTED_BOT)),
        (can_be_reached(draft.contact), Verdict("enriched")),
        (captured.entered_by and draft.contact.name, Verdict("enriched")),
        (draft.unusable, Verdict("quarantined", UNUSABLE_CONTACT)),
    )
    return next((verdict for holds, verdict in cases if holds), Verdict("activity"))


def can_be_reached(contact: Contact) -> bool:
    """Whether there is any way to reach the person."""
    return bool(contact.phone or contact.email or contact.handle)
