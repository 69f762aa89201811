"""Whether a chat is answered by itself, in which language, and what follows from a try. Pure.

docs/decisions/0017-auto-replies.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from libs.common.configuration.schema import Configuration, Source
from libs.common.events import Activity, Event, LeadCaptured, derived_id
from libs.common.working import calendar_of
from services.capture.calls.languages import Language, chat_language
from services.capture.fetching.pace import doubled
from services.capture.replies.contract import Busy, Denied, Outcome, Sent, Unknown
from services.capture.replies.spoken import conversation_of
from services.capture.sources.arrival import Arrival

QUIET: Final = timedelta(hours=24)
"""Who comes back after so long begins anew; whoever is in the midst of talking is left alone."""
AT_MOST: Final = timedelta(hours=1)
"""What could not be said within this time is not said: by now somebody has answered."""
MOST_TRIES: Final = 5
ANSWERED: Final = "submission.answered"
FIRST_WAIT: Final = 15.0
LONGEST_WAIT: Final = 900.0


class Heard(NamedTuple):
    """A message of a customer, in a conversation that could be answered."""

    conversation: str
    kind: str
    source: str
    submission_id: str
    address: Mapping[str, str]
    language: Language
    at: datetime
    known_as: tuple[str, ...] = ()
    """What else an echo may name the conversation by."""


class Owed(NamedTuple):
    """An answer that is claimed, and about to be sent."""

    conversation: str
    address: Mapping[str, str]
    language: Language
    tries: int


class Step(NamedTuple):
    """What became of it; a moment where it is to be tried again, and how long the source waits."""

    state: str
    due_at: datetime | None = None
    wait: float = 0.0


def address_for(arrival: Arrival, source: Source) -> dict[str, str]:
    """Where an arrival may be answered: never by an unproven call's word, nor what is held."""
    is_wanted = source.auto_reply is not None and bool(source.secret)
    is_ordinary = not (arrival.held or arrival.test or arrival.activity or arrival.hydrate)
    return dict(arrival.reply) if is_wanted and is_ordinary else {}


def heard(captured: LeadCaptured) -> Heard | None:
    """The message in an event, where it can be answered; its time is never after its arrival."""
    handle = captured.fields.get("handle")
    is_ordinary = not (captured.held or captured.test or captured.signs or captured.withdrawn)
    if not captured.reply or not handle or not is_ordinary:
        return None
    words, stated = captured.fields.get("message", ""), captured.fields.get("language", "")
    return Heard(
        conversation_of(captured.source, handle),
        captured.source_kind,
        captured.source,
        captured.submission_id,
        captured.reply,
        chat_language(words, stated),
        min(captured.occurred_at or captured.received_at, captured.received_at),
        _known_as(captured, handle),
    )


def _known_as(captured: LeadCaptured, handle: str) -> tuple[str, ...]:
    """By whom an answer goes to, where messages are known by another id of theirs.

    WhatsApp's are known by Meta's business-scoped id, and its echoes may name the number alone.
    """
    other = f"{captured.source_kind}:{captured.reply.get('to') or ''}"
    is_other = captured.reply.get("to") and other != handle
    return (conversation_of(captured.source, other),) if is_other else ()


def begun(
    last: datetime | None, messages: Sequence[Heard], now: datetime
) -> tuple[Heard | None, datetime | None]:
    """Which of a conversation's messages is to be answered, and when it was last heard of.

    Only one that comes after a day's silence, and is not old news itself.
    """
    found: Heard | None = None
    for each in sorted(messages, key=lambda message: (message.at, message.submission_id)):
        opens = last is None or each.at > last + QUIET
        if opens and now < each.at + AT_MOST:
            found = each
        last = each.at if last is None else max(last, each.at)
    return found, last


def is_staff(kind: str, address: Mapping[str, str], content: Configuration) -> bool:
    """Whether it is a colleague who tries out the bot: somebody who is told of leads there."""
    chat = address.get("chat") or address.get("to")
    routes = (route for team in content.teams for who in team.specialists for route in who.notify)
    return any(route.channel == kind and route.to == chat for route in routes)


def words_for(source: Source, language: Language, content: Configuration, now: datetime) -> str:
    """The sentence to say now; empty where the source says none (any more)."""
    if source.auto_reply is None or not source.secret:
        return ""
    is_open = calendar_of(content.organisation).is_open(now)
    return (source.auto_reply.saying(language, is_open=is_open) or "").strip()


def after(outcome: Outcome, tries: int, now: datetime, chance: float) -> Step:
    """What follows from a try: only what was certainly not sent is ever tried again."""
    match outcome:
        case Sent():
            return Step("sent")
        case Unknown():
            return Step("unknown")
        case Denied():
            return Step("denied")
        case Busy(_, seconds):
            wait = seconds or doubled(FIRST_WAIT, tries - 1, LONGEST_WAIT) * (0.75 + chance / 2)
            if tries >= MOST_TRIES:
                return Step("denied", wait=wait)
            return Step("due", now + timedelta(seconds=wait), wait)


def told(submission_id: str, source: Source, now: datetime) -> Event:
    """That the message was answered: for people to read, no touch and nothing that anybody did."""
    id_ = derived_id(ANSWERED, submission_id)
    said = Activity(
        activity_id=id_,
        type=ANSWERED,
        at=now,
        submission_id=submission_id,
        data={"source": source.key},
    )
    return Event(id_, submission_id, now, said, source="/sarnakh/capture")
