"""What live chats have in common: somebody's words under one handle, and who they say they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from libs.common.bodies import Unreadable, parse, plain
from libs.common.configuration.schema import Source
from libs.common.normal.names import at_path, sort_out, text_of
from services.capture.reading.attribution import Origins, attributed
from services.capture.reading.consent import consented
from services.capture.sources.arrival import DUPLICATES, Arrival, Knock, odd
from services.capture.sources.chats import heard
from services.capture.sources.values import canonical, id_text

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {})
_WHOLE_NAMES: Final = frozenset({"name", "first_name", "last_name"})
_MADE_UP: Final = re.compile(
    r"v\d{6,}|(?:visitor|guest|user)[ _#-]?\d*|(?:کاربر|مهمان|بازدیدکننده) ?[\d۰-۹]*"
    r"|[a-z]+-[a-z]+-\d{1,4}",
    re.IGNORECASE,
)
"""Names that widgets give to visitors: tawk, Crisp, Goftino, and Chatwoot's two words."""


class Turn(NamedTuple):
    """What somebody said or told of themselves, as the platform has it."""

    key: str
    content: Any
    """What its digest is made of."""
    handle: str | None
    """The conversation or the contact; None where nobody has turned to us in it yet."""
    fields: Mapping[str, str | None]
    """Ours, as far as the platform knows them."""
    extra: Mapping[str, Any] = _NOTHING
    answers: Mapping[str, Any] = _NOTHING
    """What was asked before the chat, by its labels."""
    origin: Mapping[str, Any] = _NOTHING
    """`page_url`, `referrer`, `utm_source` and the like."""
    occurred_at: datetime | None = None
    reply: Mapping[str, str] = _NOTHING
    """Where the conversation can be answered."""
    conversation: str | None = None
    """The platform's own id of it, where this is a message with an id of its own."""


def read_object(knock: Knock) -> tuple[dict[str, Any], list[Arrival]]:
    """The body, or what is to be held of it."""
    try:
        body, flags = parse(knock.body)
    except Unreadable:
        return {}, [odd(knock.body)]
    if not isinstance(body, dict) or not body:
        return {}, [odd(knock.body)]
    return body, [odd(knock.body, held=DUPLICATES)] if DUPLICATES in flags else []


def arrival_of(turn: Turn, whole: Mapping[str, Any], source: Source) -> Arrival:
    """One submission. The configured fields win, then the answers, then the platform's own.

    What is lacking still is looked for in the words: said, not proven.
    """
    consent, answers = consented(turn.answers)
    labelled = {ours: theirs for ours, theirs in source.fields.items() if theirs in answers}
    answered, rest, candidates = sort_out(answers, labelled)
    mapped = {ours for ours, path in source.fields.items() if text_of(at_path(whole, path))}
    known = {ours: text for ours, text in turn.fields.items() if text}
    if _WHOLE_NAMES & {*answered, *mapped}:
        known.pop("name", None)
    handle = {"handle": turn.handle} if turn.handle else {}
    attribution, _ = attributed(turn.origin, Origins(page=source.page))
    arrival = Arrival(
        turn.key,
        canonical(turn.content),
        known | answered | handle,
        plain({**rest, **turn.extra}),
        attribution,
        consent,
        occurred_at=turn.occurred_at,
        reply=turn.reply,
        conversation=turn.conversation,
        candidates={ours: each for ours, each in candidates.items() if ours not in mapped},
    )
    found = heard(arrival, source, whole)
    start = {"start": found.start} if found.start else {}
    return found._replace(extra={**arrival.extra, **start})


def name_of(value: Any) -> str | None:
    """A name, unless the widget made it up."""
    text = value.strip() if isinstance(value, str) else ""
    return None if not text or _MADE_UP.fullmatch(text) else str(text)


def rest_of(values: Any, *taken: str) -> dict[str, Any]:
    """What is left of an object without those dotted paths and what is empty; ids as text."""
    left = _left(values, frozenset(taken), "")
    return left if isinstance(left, dict) else {}


def _left(value: Any, taken: Collection[str], path: str) -> Any:
    if isinstance(value, dict):
        inner = {name: (f"{path}.{name}" if path else name) for name in value}
        left = {n: _left(value[n], taken, at) for n, at in inner.items() if at not in taken}
        return {name: each for name, each in left.items() if each not in _EMPTY}
    if isinstance(value, list):
        return [_left(each, taken, path) for each in value]
    is_id = path.rpartition(".")[2] == "id" or path.endswith("_id")
    return (id_text(value) or value) if is_id else value
