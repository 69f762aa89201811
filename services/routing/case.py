"""What routing's rules work on: a lead with what only routing knows of it, and what follows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple

import msgspec

from libs.common.events import Change, Lead, Text

NoticeKind = Literal["assigned", "reminder", "escalation", "touched", "merged"]


class ListOf(msgspec.Struct, frozen=True):
    """A list that staff brought, of which a lead is a row."""

    id: str
    name: str


class Case(msgspec.Struct, frozen=True, omit_defaults=True):
    """A lead and routing's own memory of it."""

    lead: Lead
    opening: str
    """The submission that opened it."""
    round: int = 0
    """The round of that submission: what is said of it later is said in the same one."""
    hops: int = 0
    """How often the SLA has moved it on since a person last decided."""
    passed: tuple[str, ...] = ()
    """Specialists who declined it or let it lapse, in that order."""
    escalated: bool = False
    weighed: int = 0
    """The configuration by which it was last decided that the lead waits."""
    sent_to: str | None = None
    """The team that staff have chosen for a lead that waits."""
    listed: ListOf | None = None
    """The list that it came with, while nobody has done anything: it is told of with others."""

    @property
    def owner(self) -> str | None:
        """The specialist whose lead it is, or was when it was closed."""
        return self.lead.assignment.specialist if self.lead.assignment else None

    def evolved(self, now: datetime, **changed: Any) -> Case:
        """The case with the lead changed and its version one higher."""
        lead = msgspec.structs.replace(
            self.lead, version=self.lead.version + 1, changed_at=now, **changed
        )
        return msgspec.structs.replace(self, lead=lead)

    def remembering(self, **changed: Any) -> Case:
        """The case with routing's own memory changed."""
        return msgspec.structs.replace(self, **changed)


class Cause(NamedTuple):
    """Why something is decided: the event, and the time of the decision."""

    id: str
    now: datetime
    actor: str = "system"

    def change(self, kind: str, text: Text, **data: Any) -> Change:
        """A line for the lead's timeline, bearing this cause."""
        return Change(kind=kind, text=text, at=self.now, actor=self.actor, cause=self.id, data=data)


class Notice(msgspec.Struct, frozen=True):
    """Somebody is to be told something; on which channels is their own setting."""

    recipient: str
    kind: NoticeKind
    why: Text
    step: int = 0
    """Tells apart messages of one kind about one assignment (the version it is about)."""
    submission_id: str | None = None
    settles: bool = False
    """Whether the submission's end hangs on this message."""
    listed: ListOf | None = None
    """Told by a summary of this list, not by a message of its own."""


class Step(msgspec.Struct, frozen=True):
    """What a rule decided on one case. A refusal has a change and leaves the case as it was."""

    case: Case
    changes: tuple[Change, ...] = ()
    notices: tuple[Notice, ...] = ()
