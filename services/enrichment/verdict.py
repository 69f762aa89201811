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


_ENRICHED: Final = Verdict("enriched")


def judge(draft: Draft, *, released: bool) -> Verdict:
    """Decide; what a person has released is somebody, whatever spoke against it.

    Whom staff put in by name alone stood before them, and is a lead too.
    """
    captured = draft.captured
    if released and captured.kind not in VISITS:
        return _ENRICHED
    if captured.hydrate:
        return Verdict("hydrating")
    if captured.test:
        return Verdict("test")
    if captured.held and not released:
        return Verdict("quarantined", captured.held)
    return Verdict("activity") if captured.kind in VISITS else _judge_contact(draft)


def _judge_contact(draft: Draft) -> Verdict:
    if draft.signs:
        only_many = draft.signs == TOO_MANY
        return Verdict("quarantined", TOO_MANY_POSTS if only_many else SUSPECTED_BOT)
    if can_be_reached(draft.contact) or (draft.captured.entered_by and draft.contact.name):
        return _ENRICHED
    return Verdict("quarantined", UNUSABLE_CONTACT) if draft.unusable else Verdict("activity")


def can_be_reached(contact: Contact) -> bool:
    """Whether there is any way to reach the person."""
    return bool(contact.phone or contact.email or contact.handle)
