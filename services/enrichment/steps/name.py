"""One name from one field or two."""

from __future__ import annotations

from typing import Final

from libs.common.normal.text import fold
from services.enrichment.draft import Draft

LONGEST: Final = 200


def read_name(draft: Draft, _country: str) -> Draft:
    """The full name, as typed but for space; a first name alone gets its last name."""
    whole, first, last = (
        " ".join(draft.field(name).split()) for name in ("name", "first_name", "last_name")
    )
    given = whole or first
    is_in_it = not last or fold(last) in fold(given)
    name = given if is_in_it else f"{given} {last}".strip()
    if not name:
        return draft
    draft = draft.having(name=name[:LONGEST], nickname=draft.captured.nickname)
    if name in (whole, first):
        return draft
    return draft.noting(
        "name_joined",
        "نام و نام خانوادگی کنار هم گذاشته شد.",
        "First and last name were put together.",
    )
