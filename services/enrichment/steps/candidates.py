"""Several fields were filled for one contact: the first that reaches somebody is it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from services.enrichment.draft import Draft
from services.enrichment.steps.email import address_in
from services.enrichment.steps.phone import read

_NAMES: Final = {"phone": ("شماره", "phone"), "email": ("ایمیل", "e-mail address")}


def choose_usable(draft: Draft, country: str) -> Draft:
    """Put the first usable candidate into each contact field; the others stay, by their names."""
    if not draft.captured.candidates:
        return draft
    for ours, (fa, en) in _NAMES.items():
        given = draft.captured.candidates.get(ours, {})
        chosen = _chosen(draft, ours, given, country)
        if chosen is None or given[chosen] == draft.field(ours):
            continue
        draft = _swapped(draft, ours, chosen).noting(
            f"{ours}_chosen",
            f"چند {fa} رسیده بود؛ نخستین {fa} درست برداشته شد و بقیه هم مانده‌اند.",
            f"More than one {en} came; the first good one was taken, the rest are kept.",
            field=chosen,
        )
    return draft


def _chosen(draft: Draft, ours: str, given: Iterable[str], country: str) -> str | None:
    """The candidate's name: what is surely right comes before a phone that no plan lists."""
    values = draft.captured.candidates.get(ours, {})
    if ours == "email":
        return next((name for name in given if address_in(values[name])), None)
    readings = [(name, read(values[name], draft, country)) for name in given]
    sure = (name for name, reading in readings if reading and reading.valid)
    return next(sure, None) or next((name for name, reading in readings if reading), None)


def _swapped(draft: Draft, ours: str, chosen: str) -> Draft:
    captured = draft.captured
    given = captured.candidates[ours]
    first = next(iter(given))
    extra = {name: value for name, value in draft.contact.extra.items() if name != chosen}
    extra.setdefault(first, given[first])
    changed = msgspec.structs.replace(
        captured,
        fields=captured.fields | {ours: given[chosen]},
        # the platform vouched for the field that came first, and for no other
        proven=tuple(name for name in captured.proven if name != ours),
    )
    return msgspec.structs.replace(draft, captured=changed).having(extra=extra)
