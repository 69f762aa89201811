"""One message to one recipient on one channel, as a row and as an event."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from libs.common.configuration.schema import Route
from libs.common.events import Event, NotificationSettled, Text, derived_id
from services.routing.case import Case, Notice

State = Literal["planned", "sending", "sent", "failed", "unknown"]
Outcome = Literal["notified", "undelivered"]


class Notification(msgspec.Struct, frozen=True):
    """A row of `routing.notifications`. Holds no contact data: that is read when it is sent."""

    id: str
    lead_id: str
    person_id: str
    assignment_id: str
    submission_id: str | None
    settles: bool
    round: int
    recipient: str
    team: str
    channel: str
    address: str
    kind: str
    step: int
    why: Text
    planned_at: datetime
    state: State = "planned"
    version: int = 1
    attempts: int = 0
    error: str | None = None
    first_refused_at: datetime | None = None
    """When it first had to be tried again."""

    def event(self, at: datetime, outcome: Outcome | None = None) -> Event:
        """What is published of it in the state it is in; the same id for the same version."""
        settled = NotificationSettled(
            notification_id=self.id,
            lead_id=self.lead_id,
            kind=self.kind,
            channel=self.channel,
            specialist=self.recipient,
            state=self.state,
            at=at,
            version=self.version,
            attempts=self.attempts,
            error=self.error,
            submission_id=self.submission_id,
            outcome=outcome,
        )
        event_id = derived_id("notified", self.id, str(self.version), str(self.round))
        return Event(event_id, self.person_id, at, settled, round=self.round)


def planned(case: Case, notice: Notice, route: Route, at: datetime) -> Notification:
    """The row of a notice on one of its recipient's routes (delivery rule 19: its natural key)."""
    assignment = case.lead.assignment
    if assignment is None:
        raise ValueError("no assignment")
    address = route.to or ""
    key = (assignment.id, notice.recipient, route.channel, address, notice.kind, str(notice.step))
    return Notification(
        id=derived_id("notification", *key),
        lead_id=case.lead.id,
        person_id=case.lead.person_id,
        assignment_id=assignment.id,
        submission_id=notice.submission_id or case.opening,
        settles=notice.settles,
        round=case.round,
        recipient=notice.recipient,
        team=assignment.team,
        channel=route.channel,
        address=address,
        kind=notice.kind,
        step=notice.step,
        why=notice.why,
        planned_at=at,
    )
