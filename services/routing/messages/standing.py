"""How a lead stands for somebody who was told of it: what they may still do. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from libs.common.events import Lead, Text
from libs.common.normal.text import persian

Offer = Literal["accept", "contacted", "decline"]


class Standing(msgspec.Struct, frozen=True):
    """What a message says of its lead besides the lead itself."""

    key: str
    """The same while nothing has to be said anew."""
    text: Text | None = None
    """What has become of it; None while it waits for somebody."""
    offers: tuple[Offer, ...] = ()
    """What its reader may do from the message."""


def standing(
    lead: Lead, assignment_id: str, recipient: str, owner_name: str, zone: ZoneInfo
) -> Standing:
    """The standing for `recipient`, who was told when `assignment_id` was the assignment."""
    if ended := _ENDS.get("merged" if lead.merged_into else lead.state):
        return ended
    assignment = lead.assignment
    if assignment is None:
        return _WAITING
    if assignment.id != assignment_id:
        given = Text(f"به {owner_name} سپرده شد", f"Moved on to {owner_name}")
        return Standing(f"moved:{assignment.id}", at(given, assignment.at, zone))
    return _with_owner(lead, owner_name, zone, is_theirs=assignment.specialist == recipient)


_ENDS: Final = {
    "merged": Standing("merged", Text("با سرنخ دیگری یکی شد", "Joined with another lead")),
    "won": Standing("won", Text("به فروش رسید", "Won")),
    "lost": Standing("lost", Text("از دست رفت", "Lost")),
}
_WAITING: Final = Standing("waiting", Text("در انتظار کارشناس است", "Waiting for a specialist"))


def _with_owner(lead: Lead, owner_name: str, zone: ZoneInfo, *, is_theirs: bool) -> Standing:
    if lead.contacted_at:
        spoke = Text(f"{owner_name} تماس گرفت", f"{owner_name} made contact")
        return Standing("contacted", at(spoke, lead.contacted_at, zone))
    if lead.accepted_at:
        took = Text(f"{owner_name} پذیرفت", f"{owner_name} accepted")
        left: tuple[Offer, ...] = ("contacted", "decline") if is_theirs else ()
        return Standing("accepted", at(took, lead.accepted_at, zone), left)
    return Standing("open", None, ("accept", "contacted", "decline") if is_theirs else ())


def at(said: Text, moment: datetime, zone: ZoneInfo) -> Text:
    """The sentence with its time of day."""
    time = f"{moment.astimezone(zone):%H:%M}"
    return Text(f"{said.fa} · {persian(time)}", f"{said.en} · {time}")
