"""Gravity Forms by its Webhooks add-on: an entry by numbers of fields, or selected fields by name.

https://docs.gravityforms.com/triggering-webhooks-form-submissions/ and the entry object,
https://docs.gravityforms.com/entry-object/: what a number means, only that form knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival, Knock
from services.capture.sources.contract import Kind
from services.capture.sources.posted import read_form, submission, unreadable
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.repeats import WINDOW, by_content
from services.capture.sources.values import ids, of_iso


def parse_entry(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission; its key is the entry's own, for the add-on may run a feed twice."""
    form = read_form(knock)
    if form is None:
        return [unreadable(knock)]
    values = dict(form.values)
    own = ids(values, "form_id", "id")
    if values.get("source_url") and not values.get("page_url"):
        values["page_url"] = values.pop("source_url")
    arrival = submission(form._replace(values=values), source)
    return [
        arrival._replace(
            key=f"{own['form_id']}:{own['id']}" if len(own) > 1 else None,
            form=own.get("form_id"),
            occurred_at=_in_utc(values.get("date_created")),
        )
    ]


def _in_utc(value: Any) -> datetime | None:
    """`2026-11-21 09:59:40`: entries are stored in UTC, whatever the site's zone."""
    return of_iso(f"{value}+00:00") if isinstance(value, str) else None


GRAVITY_FORMS: Final = Kind(
    "gravity-forms",
    by_shared_secret,
    parse_entry,
    has_forms=True,
    repeats=by_content,
    again_after=WINDOW,
)
