"""What follows from a button that somebody pressed under a bot's message. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from libs.common.events import Activity, Event, Lead, Text, derived_id
from services.routing.channels.keyboard import Press
from services.routing.channels.wording import REASONS
from services.routing.messages.message import Surroundings
from services.routing.messages.notification import Notification
from services.routing.messages.standing import Standing

_NOT_YOURS: Final = Text("این دکمه از این گفت‌وگو کار نمی‌کند", "This button does not work here")
_PASSED: Final = Text("این پیام دیگر تازه نیست", "This message is out of date")
_DONE: Final = {
    "accept": Text("پذیرفتید", "Accepted"),
    "contacted": Text("ثبت شد که تماس گرفتید", "Noted that you made contact"),
    "reason": Text("ثبت شد؛ به همکارتان سپرده می‌شود", "Noted; it goes to a colleague"),
    "decline": Text("چرا نمی‌پذیرید؟", "Why not?"),
    "back": Text("", ""),
}
_TYPES: Final = {
    "accept": "staff.accepted",
    "contacted": "staff.contacted",
    "reason": "staff.declined",
}


class Chat(msgspec.Struct):
    """Where a message is."""

    id: int | str
    username: str = ""


class Place(msgspec.Struct):
    """The message whose button was pressed."""

    message_id: int | str
    chat: Chat


class Callback(msgspec.Struct):
    """A press, as the API tells of it (core.telegram.org/bots/api#callbackquery)."""

    id: str
    message: Place | None = None
    data: str = ""


class Update(msgspec.Struct):
    """One piece of news for a bot."""

    update_id: int
    callback_query: Callback | None = None


class Verdict(NamedTuple):
    """What is done, and what the presser is told."""

    said: Text
    activity: str | None = None
    is_alert: bool = False
    """It contradicts what they see, so it must be noticed."""


class Presser(NamedTuple):
    """The language in which a reason is kept, and the moment."""

    language: str
    now: datetime


def is_theirs(
    told: Notification, reference: str | None, place: Place | None, around: Surroundings
) -> bool:
    """Whether the press comes from the very chat (and message, if known) that was written to.

    Nobody's once its reader is no longer told there: they have left, or another has the chat.
    """
    if place is None or not around.tells(told.recipient, told.channel, told.address):
        return False
    if reference is not None:
        return reference == f"{place.chat.id}/{place.message_id}"
    return told.address in {str(place.chat.id), f"@{place.chat.username}"}


def judge(press: Press, now: Standing, *, is_theirs: bool) -> Verdict:
    """What follows, by how the lead stands for whoever was told."""
    if not is_theirs:
        return Verdict(_NOT_YOURS, is_alert=True)
    if press.action == "back":
        return Verdict(_DONE["back"])
    wanted = "decline" if press.action == "reason" else press.action
    if wanted not in now.offers:
        return Verdict(now.text or _PASSED, is_alert=True)
    return Verdict(_DONE[press.action], _TYPES.get(press.action))


def activity(press: Press, kind: str, told: Notification, lead: Lead, by: Presser) -> Event:
    """The specialist's action: once for the lead as it stands, however often they press.

    Whatever becomes of it changes the lead, so what is offered again later is done again.
    """
    language, now = by
    identity = derived_id("pressed", press.notification_id, kind, str(lead.version))
    data = {"assignment_id": told.assignment_id, "channel": told.channel}
    if press.reason:
        data["reason"] = REASONS[press.reason].of(language)
    done = Activity(
        activity_id=identity,
        type=kind,
        at=now,
        actor=told.recipient,
        person_id=lead.person_id,
        lead_id=lead.id,
        data=data,
    )
    return Event(identity, lead.person_id, now, done)
