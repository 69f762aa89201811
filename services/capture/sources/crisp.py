"""Crisp: a visitor's messages, and their phone, e-mail and name, each in an event of its own.

https://docs.crisp.chat/guides/web-hooks/
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from libs.common.configuration.schema import Source
from libs.common.normal.names import sort_out
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.conversation import Turn, arrival_of, name_of, read_object, rest_of
from services.capture.sources.proofs import is_fresh, is_signed
from services.capture.sources.values import id_text, mapping, of_milliseconds, texts

_MILLISECONDS: Final = 1000
_SET: Final = {
    "session:set_phone": "phone",
    "session:set_email": "email",
    "session:set_nickname": "nickname",
}
_SAID: Final = "message:send"
_SPOKEN: Final = (_SAID, "message:received")
_VISITOR: Final = "user"
_DATA: Final = "session:set_data"
_TOLD_ALREADY: Final = (
    "session_id", "from", "fingerprint", "stamped", "timestamp", "user", "phone", "email",
    "nickname",
)  # fmt: skip


def prove(knock: Knock, source: Source, now: float) -> bool:
    """The signature over the time and the raw bytes. The time's unit is not documented: either."""
    moment = knock.headers.get(b"x-crisp-request-timestamp", b"")
    given = knock.headers.get(b"x-crisp-signature", b"")
    signed = is_signed(b"[" + moment + b";" + knock.body + b"]", given, source)
    return signed and (is_fresh(moment, now) or is_fresh(moment, now, _MILLISECONDS))


def parse_event(knock: Knock, source: Source) -> Sequence[Arrival]:
    """All that one session says is one person's; an operator's words and states are no lead."""
    body, held = read_object(knock)
    event, data = body.get("event"), mapping(body.get("data"))
    if held or not isinstance(event, str):
        return held or [odd(knock.body)]
    if event not in (_SAID, _DATA, *_SET):
        return []
    by = data.get("from") if event == _SAID else _VISITOR
    if by != _VISITOR and isinstance(by, str):
        return []
    session = id_text(data.get("session_id"))
    if session is None or by != _VISITOR:
        return [odd(knock.body)]
    turn = _message(body, session) if event == _SAID else _told(body, event, session)
    if turn is None:
        return [odd(knock.body)]
    return [arrival_of(turn, body, source)]


def _message(body: dict[str, Any], session: str) -> Turn | None:
    data = mapping(body["data"])
    mark = id_text(data.get("fingerprint"))
    if mark is None:
        return None
    content, website = data.get("content"), id_text(body.get("website_id"))
    # the answer to a field that was asked for; other objects (files, pickers) are no words
    words = content if isinstance(content, str) else texts(mapping(content), "value").get("value")
    taken = ("content",) if isinstance(content, str) else ("content.value",)
    return Turn(
        f"message:{session}:{mark}",
        {"fingerprint": mark, "content": content},
        f"crisp:{session}",
        {"name": name_of(mapping(data.get("user")).get("nickname")), "message": words},
        rest_of(data, *_TOLD_ALREADY, *taken),
        occurred_at=of_milliseconds(data.get("timestamp")),
        reply={"website": website, "session": session} if website else {},
        conversation=session,
    )


def _told(body: dict[str, Any], event: str, session: str) -> Turn:
    """What became known of the visitor. The event has no id: a later value comes as a resend.

    Data that a page sets for everybody who opens it makes nobody a lead.
    """
    data = mapping(body["data"])
    taken = _TOLD_ALREADY
    if event == _DATA:
        fields, rest, _ = sort_out(mapping(data.get("data")), {})
        extra = {**rest_of(data, "data", *taken), **rest_of(rest)}
        extra = extra if fields else {**extra, "session_id": session}
    else:
        known = texts(data, _SET[event]).get(_SET[event])
        ours = "name" if event == "session:set_nickname" else _SET[event]
        known = name_of(known) if ours == "name" else known
        fields, extra = {ours: known} if known else {}, rest_of(data, *taken)
    return Turn(
        f"{event}:{session}",
        {"fields": fields, "data": data.get("data")},
        f"crisp:{session}" if fields else None,
        fields,
        extra,
        occurred_at=of_milliseconds(body.get("timestamp")),
    )


def written_to(knock: Knock, _source: Source) -> Iterator[str]:
    """The conversation in which an operator has written."""
    body, _ = read_object(knock)
    data = mapping(body.get("data"))
    session = id_text(data.get("session_id"))
    if session and data.get("from") == "operator" and body.get("event") in _SPOKEN:
        yield f"crisp:{session}"


CRISP: Final = Kind(
    "crisp", prove, parse_event, submits="chat", is_signed=True, written_to=written_to
)
