"""A chat handle: on its own platform it reaches somebody as surely as a phone."""

from __future__ import annotations

from typing import Final

from services.enrichment.draft import Draft

LONGEST: Final = 200


def read_handle(draft: Draft, _country: str) -> Draft:
    """Keep the handle as the platform gave it, without the at-sign that people put before it."""
    handle = draft.field("handle").removeprefix("@").strip()
    if not handle:
        return draft
    if len(handle) > LONGEST:
        return draft.misfilled("handle").noting(
            "handle_unusable",
            "شناسهٔ گفتگو بیش از اندازه بلند است.",
            "The chat handle is too long to be one.",
        )
    return draft.having(handle=handle)
