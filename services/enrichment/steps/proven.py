"""What the platform itself vouches for: its account's own number, not one that was typed."""

from __future__ import annotations

from services.enrichment.draft import Draft


def note_proof(draft: Draft, _country: str) -> Draft:
    """Note a phone that the platform has verified; one that cannot be read is proof of nothing."""
    if "phone" not in draft.captured.proven or not draft.contact.phone:
        return draft
    return draft.finding(phone_verified=True).noting(
        "phone_verified",
        "شماره از حساب کاربری خودش آمد؛ همان پیام‌رسان یا تبلیغ آن را تأیید کرده است.",
        "The phone is the sender's own: the platform itself has verified it.",
    )
