"""What a specialist is told, put together right before it is sent, from the lead as it is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from libs.common import links
from libs.common.configuration import Configuration
from libs.common.configuration.schema import Specialist
from libs.common.events import Contact, Lead, Text
from libs.common.fading import lead_at
from services.routing.messages.notification import Notification
from services.routing.messages.standing import Standing, standing


class Bundle(NamedTuple):
    """Of which leads a message tells that is about several: what somebody was given of a list."""

    leads: int
    list_id: str
    name: str
    """The list's file."""


class OfSource(NamedTuple):
    """What a message tells of somewhere that leads come from; it hangs on no lead."""

    type: str
    """Of what has happened, as a webhook's receiver reads it."""
    told: Mapping[str, Any]
    """What a webhook's receiver reads of it."""
    text: Text


class Message(msgspec.Struct, frozen=True):
    """One message, before a channel gives it its form."""

    id: str
    """The notification's id: the same at every attempt."""
    kind: str
    planned_at: datetime
    lead_id: str
    submission_id: str | None
    contact: Contact
    team: str
    specialist: str
    """Who is told."""
    page: str | None
    score: int
    stage: str
    temperature: str
    why: Text
    url: str
    """The lead's page, for whoever is signed in."""
    language: str
    """What the reader speaks first: fa or en."""
    organisation: str
    zone: str
    act_url: str
    """A page that needs no sign-in and shows what the reader may do."""
    standing: Standing
    topic: str = ""
    """What it is headed by, where its kind does not say it."""
    accept_by: datetime | None = None
    """Until when it is to be accepted; None where nothing runs out."""
    bundle: Bundle | None = None
    """Of a summary; then there is no one lead."""
    of_source: OfSource | None = None
    """Of a source; then there is no lead at all."""

    @property
    def is_of_a_lead(self) -> bool:
        """Whether it tells of one lead."""
        return self.bundle is None and self.of_source is None


@dataclass(frozen=True)
class Surroundings:
    """What a message takes from the installation."""

    desk_url: str
    secret: str = field(repr=False)
    """Of the desk: its links are signed with it."""
    content: Configuration

    @cached_property
    def zone(self) -> ZoneInfo:
        """The organisation's."""
        return ZoneInfo(self.content.organisation.time_zone)

    @cached_property
    def _specialists(self) -> Mapping[str, Specialist]:
        found: dict[str, Specialist] = {}
        for team in self.content.teams:
            for member in team.specialists:
                found.setdefault(member.key, member)
        return found

    def specialist(self, key: str) -> Specialist | None:
        """Whoever has this key, in whichever team."""
        return self._specialists.get(key)

    def tells(self, key: str, channel: str, address: str) -> bool:
        """Whether somebody with this key is told on this channel at this address."""
        return any(
            route.channel == channel and (route.to or "") == address
            for team in self.content.teams
            for one in team.specialists
            if one.key == key
            for route in one.notify
        )

    def language_of(self, key: str) -> str:
        """The specialist's first language that we write, else the organisation's."""
        found = self.specialist(key)
        spoken = (*(found.languages if found else ()), *self.content.organisation.languages)
        return next((one for one in spoken if one in {"fa", "en"}), "fa")


def compose(notification: Notification, lead: Lead, around: Surroundings, now: datetime) -> Message:
    """The message of a notification, with the score that the lead has at `now`."""
    lead = lead_at(lead, now)
    token = links.mint(around.secret, grant_of(notification))
    language = around.language_of(notification.recipient)
    how = stands(notification, lead, around)
    waits = lead.deadline if how.key == "open" else None
    return Message(
        id=notification.id,
        kind=notification.kind,
        planned_at=notification.planned_at,
        lead_id=lead.id,
        submission_id=notification.submission_id,
        contact=lead.contact,
        team=notification.team,
        specialist=notification.recipient,
        page=lead.page,
        score=lead.score.total,
        stage=lead.stage,
        temperature=lead.temperature,
        why=notification.why,
        url=f"{around.desk_url}/leads/{lead.id}",
        language=language,
        organisation=around.content.organisation.name,
        zone=around.content.organisation.time_zone,
        act_url=f"{around.desk_url}{links.PATH}{token}?lang={language}",
        standing=how,
        topic=_topic(notification, lead),
        accept_by=waits.due_at if waits else None,
    )


def _topic(notification: Notification, lead: Lead) -> str:
    """A reminder of a lead that may not have been heard of is none: it is the news itself."""
    if notification.kind != "reminder" or notification.step:
        return notification.kind
    holder = lead.assignment.specialist if lead.assignment else None
    return "assigned" if holder == notification.recipient else "unheard"


def stands(notification: Notification, lead: Lead, around: Surroundings) -> Standing:
    """How the lead stands now for the one whom the notification tells."""
    owner = lead.assignment.specialist if lead.assignment else ""
    found = around.specialist(owner)
    return standing(
        lead,
        notification.assignment_id,
        notification.recipient,
        found.name if found else owner,
        around.zone,
    )


def grant_of(notification: Notification) -> links.Grant:
    """What the message's link lets its reader do; the same at every attempt."""
    return links.Grant(
        lead_id=notification.lead_id,
        notification_id=notification.id,
        specialist=notification.recipient,
        until=notification.planned_at + links.VALID_FOR,
    )
