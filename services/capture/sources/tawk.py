"""tawk.to: how a chat began, what the visitor wrote in it, and offline messages (tickets).

https://developer.tawk.to/webhooks
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from libs.common.bodies.contract import gathered
from libs.common.configuration.schema import Source
from libs.common.normal.names import ours_of, sort_out
from services.capture.sources.arrival import Arrival, Knock, odd
from services.capture.sources.contract import Kind
from services.capture.sources.conversation import Turn, arrival_of, name_of, read_object, rest_of
from services.capture.sources.proofs import is_signed
from services.capture.sources.values import id_text, mapping, of_iso, texts

_ASKED: Final = re.compile(r"([^\s:][^:\n]{0,79}?) : ?(.*)")
"""A line of the form before the chat; a colon right after a word is a sentence's."""
_MOST_LINES: Final = 200
_MESSAGE: Final = "message"


def prove(knock: Knock, source: Source, _now: float) -> bool:
    """X-Tawk-Signature on the raw bytes; the protocol signs no time."""
    given = knock.headers.get(b"x-tawk-signature", b"")
    return is_signed(knock.body, given, source, by=hashlib.sha1)


def parse_event(knock: Knock, source: Source) -> Sequence[Arrival]:
    """What visitors wrote. The key is of the signed body: X-Hook-Event-Id is not signed."""
    body, held = read_object(knock)
    event = body.get("event")
    if held or not isinstance(event, str):
        return held or [odd(knock.body)]
    read = _READERS.get(event)
    if read is None:
        return []
    found = read(body, source)
    if isinstance(found, Turn):
        return [arrival_of(found, body, source)]
    return [] if found else [odd(knock.body)]


def _start(body: dict[str, Any], source: Source) -> Turn | bool:
    message, chat = mapping(body.get("message")), id_text(body.get("chatId"))
    by = mapping(message.get("sender")).get("type")
    if chat is None or not isinstance(by, str):
        return False
    if by != "visitor":
        return True
    text = texts(message, "text").get("text", "")
    answers, words = _answers(text, source)
    return Turn(
        f"chat:start:{chat}",
        {"text": text, "visitor": body.get("visitor")},
        f"tawk:{chat}",
        {**_who(body.get("visitor")), "message": words},
        _extra(body, body.get("visitor")),
        answers,
        occurred_at=of_iso(body.get("time")),
        conversation=chat,
    )


def _transcript(body: dict[str, Any], _source: Source) -> Turn | bool:
    talk = mapping(body.get("chat"))
    chat, messages = id_text(talk.get("id")), talk.get("messages")
    if chat is None or not isinstance(messages, list):
        return False
    visitors = [m for m in map(mapping, messages) if mapping(m.get("sender")).get("t") == "v"]
    words = [text for m in visitors if (text := texts(m, "msg").get("msg"))]
    if not words:
        return True
    return Turn(
        f"chat:transcript_created:{chat}",
        {"words": words, "visitor": talk.get("visitor")},
        f"tawk:{chat}",
        {**_who(talk.get("visitor")), "message": "\n".join(words)},
        _extra(body, talk.get("visitor")),
        occurred_at=of_iso(body.get("time")),
        conversation=chat,
    )


def _ticket(body: dict[str, Any], _source: Source) -> Turn | bool:
    """An offline message. It is of no chat, so that it has no handle."""
    ticket, requester = mapping(body.get("ticket")), mapping(body.get("requester"))
    key = id_text(ticket.get("id"))
    if key is None:
        return False
    if requester.get("type") == "agent":
        return True
    rest = {
        "property": rest_of(body.get("property")),
        "ticket": rest_of(ticket, "id", "message"),
        "requester": rest_of(requester, "name", "email"),
    }
    return Turn(
        f"ticket:create:{key}",
        {"ticket": ticket, "requester": requester},
        None,
        {**_who(requester), "message": texts(ticket, "message").get("message")},
        rest_of(rest),
        occurred_at=of_iso(body.get("time")),
    )


def _who(person: Any) -> dict[str, str | None]:
    known = mapping(person)
    return {"name": name_of(known.get("name")), "email": texts(known, "email").get("email")}


def _extra(body: dict[str, Any], visitor: Any) -> dict[str, Any]:
    about = {"property": rest_of(body.get("property"))}
    return rest_of({**about, "visitor": rest_of(visitor, "name", "email")})


def _answers(text: str, source: Source) -> tuple[Mapping[str, Any], str]:
    """The form before the chat, which comes as lines of text, and what was said besides.

    No form, where no label of the first lines is one that we know: then it is a sentence.
    """
    pairs, words = _form(text.splitlines(), source)
    if not sort_out(gathered(pairs), source.fields).fields:
        return {}, text
    for place, (label, said) in enumerate(pairs):
        if words and _meant(label, source) == _MESSAGE:
            pairs[place], words = (label, f"{said}\n{words}".strip()), ""
    return gathered(pairs), words


def _form(lines: Sequence[str], source: Source) -> tuple[list[tuple[str, str]], str]:
    """Labels with answers, and the words after them; a label begins an answer.

    Several lines have only a message and what nobody here knows; an empty one ends the latter.
    """
    pairs: list[tuple[str, str]] = []
    words, goes_on = lines[_MOST_LINES:], False
    for place, line in enumerate(map(str.strip, lines[:_MOST_LINES])):
        if asked := _ASKED.fullmatch(line):
            pairs.append((asked[1], asked[2].strip()))
            goes_on = _meant(asked[1], source) in (None, _MESSAGE)
        elif not pairs:
            break
        elif goes_on and (line or _meant(pairs[-1][0], source) == _MESSAGE):
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}\n{line}")
        elif line:
            words = lines[place:]
            break
        else:
            goes_on = False
    return [(label, said.strip()) for label, said in pairs], _joined(words)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(map(str.strip, lines)).strip()


def _meant(label: str, source: Source) -> str | None:
    """Which of ours a label asks for."""
    mapped = (ours for ours, theirs in source.fields.items() if theirs == label)
    return next(mapped, None) or ours_of(label)


_READERS: Final[Mapping[str, Callable[[dict[str, Any], Source], Turn | bool]]] = {
    "chat:start": _start,
    "chat:transcript_created": _transcript,
    "ticket:create": _ticket,
}
"""A turn; True for what is no lead, False for what nobody understands."""

TAWK: Final = Kind("tawk", prove, parse_event, submits="chat", is_signed=True)
