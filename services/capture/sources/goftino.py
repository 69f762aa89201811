"""Goftino: a visitor's messages, with what was asked before the chat.

Its webhooks are shown in its panel only; the shape comes from public integrations. Nothing is
signed: the secret stands in the address, or in the header `goftino-key` where that comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from libs.common.bodies.contract import gathered
from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.conversation import Turn, arrival_of, name_of, read_object, rest_of
from services.capture.sources.proofs import by_header
from services.capture.sources.values import credible, id_text, mapping, of_seconds

_SAID: Final = "new_message"
_ZONE: Final = ZoneInfo("Asia/Tehran")
"""Its times have no offset."""
_GREGORIAN: Final = 1970
"""An earlier year is a Jalali one, or none."""
_TOLD_ALREADY: Final = (
    "event", "chat_id", "message_id", "date", "fields", "sender.from", "sender.name",
)  # fmt: skip


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """The header where it comes, else as all that sign nothing."""
    return by_header(knock, source, b"goftino-key")


def parse_event(knock: Knock, source: Source) -> Sequence[Arrival]:
    """A message of a visitor; operators' ones, pings, ratings and states are no lead."""
    body, held = read_object(knock)
    event = body.get("event")
    if held or not isinstance(event, str):
        return held or [odd(knock.body)]
    data = mapping(body.get("data")) or body  # older bodies have all of it at the top
    sender = mapping(data.get("sender"))
    if event != _SAID or sender.get("from") == "operator":
        return []
    chat, key = id_text(data.get("chat_id")), id_text(data.get("message_id"))
    if chat is None or key is None:
        return [odd(knock.body)]
    content = data.get("content")
    words = content if isinstance(content, str) else None
    taken = ("content",) if words is not None else ()
    turn = Turn(
        f"message:{key}",
        {"message": key, "content": content, "fields": data.get("fields")},
        f"goftino:{chat}",
        {"name": name_of(sender.get("name")), "message": words},
        rest_of(data, *_TOLD_ALREADY, *taken),
        _answers(data.get("fields")),
        occurred_at=_moment(data.get("date")),
        conversation=chat,
    )
    return [arrival_of(turn, data, source)]


def _answers(fields: Any) -> Mapping[str, Any]:
    """What was asked before the chat, by the labels of the form."""
    listed = [mapping(field) for field in fields] if isinstance(fields, list) else []
    return gathered(
        [
            (field["label"], field.get("value"))
            for field in listed
            if isinstance(field.get("label"), str) and field.get("value") not in (None, "")
        ]
    )


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        if found is None or found.year < _GREGORIAN:
            return of_seconds(value)
        local = found if found.tzinfo else found.replace(tzinfo=_ZONE)
        return credible(local.astimezone(UTC))
    except (ValueError, OverflowError):
        return of_seconds(value)


GOFTINO: Final = Kind("goftino", prove, parse_event, submits="chat")
