"""Unbounce's webhook: a form whose field `data.json` holds the lead, every value as a list.

https://documentation.unbounce.com/hc/en-us/articles/203510044-Using-a-Webhook
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from libs.common.bodies import Unreadable, parse
from libs.common.configuration.schema import Source
from libs.common.normal.names import text_of
from services.capture.sources.arrival import Arrival, Knock
from services.capture.sources.contract import Kind
from services.capture.sources.posted import read_form, submission, unreadable
from services.capture.sources.proofs import by_shared_secret
from services.capture.sources.repeats import WINDOW, by_content
from services.capture.sources.values import canonical, credible, mapping

_LEAD: Final = ("data.json", "data_json")
"""PHP in between makes an underscore of the dot."""
_SAME: Final = ("data.xml", "data_xml")
"""The lead once more."""
_CLOCK: Final = ("date_submitted", "time_submitted")
"""Of whole minutes: two presses of a button around the turn of one are a minute apart."""
_MINUTE: Final = "%Y-%m-%d %I:%M %p UTC"


def parse_form(knock: Knock, source: Source) -> Sequence[Arrival]:
    """One submission.

    It has no id. What is the same to the letter, address included, is a repeat where its moment
    is of the same or the next minute: a call that is sent again later has its moment still.
    """
    form = read_form(knock)
    if form is None:
        return [unreadable(knock)]
    outer = {name: value for name, value in form.values.items() if name not in _SAME}
    name = next((name for name in _LEAD if name in outer), "")
    lead, flags = _lead(outer.get(name))
    if lead:
        del outer[name]
    values = outer | {name: _single(value) for name, value in lead.items()}
    arrival = submission(form._replace(values=values, flags=form.flags | flags), source)
    said = {name: value for name, value in values.items() if name not in _CLOCK}
    return [arrival._replace(content=canonical(said), occurred_at=_moment(values))]


def _lead(value: Any) -> tuple[dict[str, Any], frozenset[str]]:
    if not isinstance(value, str):
        return mapping(value), frozenset()
    try:
        lead, flags = parse(value.encode())
    except Unreadable:
        return {}, frozenset()
    return mapping(lead), flags


def _single(value: Any) -> Any:
    """Of a list with one value that value; of several all, for they were boxes."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _moment(values: dict[str, Any]) -> datetime | None:
    """`2026-11-21` and `09:59 AM UTC`; in another zone's letters it is none."""
    day, time = (text_of(values.get(name)) for name in _CLOCK)
    try:
        return credible(datetime.strptime(f"{day} {time}", _MINUTE).replace(tzinfo=UTC))
    except ValueError:
        return None


UNBOUNCE: Final = Kind(
    "unbounce", by_shared_secret, parse_form, repeats=by_content, again_after=WINDOW + 1
)
