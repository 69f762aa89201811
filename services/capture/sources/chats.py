"""What messages of all chats have in common: where the chat began, and what is said in them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from libs.common.bodies import plain
from libs.common.configuration.schema import Source
from libs.common.normal.names import at_path, text_of
from services.capture.reading.said import NAMES, with_said
from services.capture.sources.arrival import Arrival, Withdrawn

FORWARDED: Final = "forwarded"
"""Among the rest: the words, and the numbers in them, are somebody else's."""
_CODE: Final = re.compile(r"(?<![\w-])(?:qr|sn)_[A-Za-z0-9_-]{1,64}(?![\w-])")
_COMMAND: Final = "/start"


def heard(
    arrival: Arrival, source: Source, message: Mapping[str, Any], *, nicknames: bool = False
) -> Arrival:
    """The message with what its words say: the operator's own mapping, contacts, a start code.

    What is typed fills only what the platform does not give, and is never proven. Where the
    names that came are profiles' `nicknames`, a typed one wins, and the profile's is kept beside.
    """
    mapped = {ours: text_of(at_path(message, theirs)) for ours, theirs in source.fields.items()}
    mapped = {ours: text for ours, text in mapped.items() if text}
    fields = {ours: text for ours, text in arrival.fields.items() if text} | mapped
    start, beside, is_typed = arrival.start, "", False
    known, weak = fields, NAMES - mapped.keys() if nicknames else frozenset()
    if not arrival.extra.get(FORWARDED):
        start = start or code_in(fields.get("message", ""))
        fields, is_typed = with_said(known, weak)
        beside = " ".join(known[n] for n in NAMES if n in known and fields.get(n) != known[n])
    named = NAMES & known.keys()
    profile = {"profile_name": beside} if beside else {}
    extra = {**arrival.extra, **profile, "start": start}
    return arrival._replace(
        fields=fields,
        extra=plain({name: value for name, value in extra.items() if value}),
        start=start,
        proven=tuple(ours for ours in arrival.proven if ours not in mapped),
        nickname=bool(named) and named <= weak and not is_typed,
    )


def code_in(text: str) -> str | None:
    """The start code in a link's prefilled text: `qr_expo26`, or a scan's `sn_…`."""
    found = _CODE.search(text)
    return found[0] if found else None


def opened(text: str) -> tuple[str | None, str]:
    """The payload of a deep link to a bot, and what the person wrote themselves."""
    command, _, payload = text.partition(" ")
    if command.partition("@")[0] != _COMMAND:
        return None, text
    return payload.strip() or None, ""


def day_of(arrival: Arrival, time_zone: str) -> str | None:
    """The key of a conversation's submission: its messages of one day, as the organisation has it.

    By the platform's clock alone, so that a repeat after midnight has the same key; None for what
    is a submission of its own.
    """
    if not (arrival.key and arrival.conversation and arrival.occurred_at) or arrival.held:
        return None
    day = arrival.occurred_at.astimezone(ZoneInfo(time_zone)).date()
    return f"conversation:{arrival.conversation}:{day.isoformat()}"


def distinct(found: Iterable[Arrival | Withdrawn]) -> Sequence[Arrival | Withdrawn]:
    """Without repeats inside one call, nor what is taken back in the same call, whichever is first.

    One that is alone is kept with the whole call.
    """
    once: dict[str | None, Arrival | Withdrawn] = {}
    for each in found:
        if isinstance(each, Withdrawn):
            once[each.key] = each
        else:
            once.setdefault(each.key, each)
    if len(once) != 1:
        return list(once.values())
    return [a._replace(raw=None) if isinstance(a, Arrival) else a for a in once.values()]
