"""What a specialist is told, put together right before it is sent, from the lead as it is now."""

from __future__ import annotations

from datetime import datetime

import msgspec

from libs.common.events import Contact, Lead, Text
from services.routing.notification import Notification


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
    language: str
    """What the organisation speaks first."""


def compose(notification: Notification, lead: Lead, desk_url: str, language: str) -> Message:
    """The message of a notification."""
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
        url=f"{desk_url}/leads/{lead.id}",
        language=language,
    )
