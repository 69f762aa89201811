"""An event as a record that the log will take: decided before anybody is told that it is safe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from libs.common.events import Event, LeadCaptured, encode
from libs.common.log import Record, RecordTooLarge, check_sizes

TOO_LARGE: Final = "too_large"
KEPT_BYTES: Final = 64 * 1024
"""Of JSON that the fields of an event may keep which is too large with all of them."""
_PLACE_BYTES: Final = 136
"""At least what the spool's id and the sequence add on the way to the log."""


def fitting(event: Event) -> Record:
    """The event whole or, over the log's limit, held for a human with its raw bytes.

    Text read from a body can be twice its size as JSON (every quotation mark escaped), beside
    the body itself in base64. Short fields stay, so that who releases it has a contact.
    """
    record = encode(event)
    if _is_taken(record) or not isinstance(event.data, LeadCaptured):
        return record
    fields, consent = event.data.fields, _short({"consent": event.data.consent}).get("consent")
    data = msgspec.structs.replace(
        event.data, fields=_short(fields), extra={}, candidates={}, consent=consent, held=TOO_LARGE
    )
    return encode(msgspec.structs.replace(event, data=data))


def _is_taken(record: Record) -> bool:
    try:
        check_sizes((record,), _PLACE_BYTES)
    except RecordTooLarge:
        return False
    return True


def _short(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those that fit into the budget, in their order."""
    kept: dict[str, Any] = {}
    left = KEPT_BYTES
    for name, value in values.items():
        size = len(msgspec.json.encode({name: value}))
        if size <= left:
            kept[name] = value
            left -= size
    return kept
