"""What staff may do to a lead, and the activity that says so. Routing decides what comes of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from libs.common.configuration import Configuration
from libs.common.erasing import ASKED
from libs.common.events import Activity, Event, derived_id
from libs.common.log import Record
from libs.common.normal.text import clean
from services.desk.values import Moment

TYPES: Final[Mapping[str, str]] = {
    "accept": "staff.accepted",
    "decline": "staff.declined",
    "snooze": "staff.snoozed",
    "contacted": "staff.contacted",
    "qualify": "staff.qualified",
    "won": "staff.won",
    "lost": "staff.lost",
    "reopen": "staff.reopened",
    "reassign": "staff.reassigned",
    "note": "staff.noted",
}
HELD: Final = frozenset({"decline", "lost"})
"""What the pages hold back for a moment, so that a slip can be undone."""
SNOOZE: Final = timedelta(days=1)
_ARGUMENTS: Final[Mapping[str, frozenset[str]]] = {
    "decline": frozenset({"reason"}),
    "snooze": frozenset({"until", "reason"}),
    "won": frozenset({"amount"}),
    "lost": frozenset({"reason"}),
    "reassign": frozenset({"specialist", "team", "reason"}),
    "note": frozenset({"text"}),
}
LONGEST_NOTE: Final = 4000
Said = Annotated[
    str,
    AfterValidator(clean),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
]


Noted = Annotated[
    str,
    AfterValidator(clean),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NOTE),
]


class Action(BaseModel):
    """One action with its arguments; any that is not its own is an error."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    action: Literal[
        "accept",
        "decline",
        "snooze",
        "contacted",
        "qualify",
        "won",
        "lost",
        "reopen",
        "reassign",
        "note",
    ]
    reason: Said | None = None
    text: Noted | None = None
    until: Moment | None = None
    amount: Annotated[float, Field(strict=True, ge=0, le=1e15, allow_inf_nan=False)] | None = None
    specialist: Annotated[str, Field(max_length=64)] | None = None
    team: Annotated[str, Field(max_length=64)] | None = None

    @model_validator(mode="after")
    def fits(self) -> Self:
        """Say plainly what is missing or does not belong."""
        given = self.model_fields_set - {"action"}
        strange = {name for name in given if getattr(self, name) is not None}
        strange -= _ARGUMENTS.get(self.action, frozenset())
        if strange:
            raise ValueError(f"{self.action} takes no {', '.join(sorted(strange))}")
        if self.action in {"decline", "lost"} and not self.reason:
            raise ValueError(f"{self.action} needs a reason")
        if self.action == "note" and not self.text:
            raise ValueError("note needs a text")
        if self.action == "reassign" and not (self.specialist or self.team):
            raise ValueError("reassign needs a specialist or a team")
        return self

    def unknown(self, content: Configuration) -> str | None:
        """The team or specialist named that the configuration does not have."""
        teams = {team.key for team in content.teams}
        people = {person.key for team in content.teams for person in team.specialists}
        if self.team and self.team not in teams:
            return self.team
        if self.specialist and self.specialist not in people:
            return self.specialist
        return None


def activity_id(lead_id: str, key: str | None) -> str:
    """The same for a repeated Idempotency-Key, new without one."""
    return derived_id("action", lead_id, key) if key else str(uuid.uuid4())


class Erasing(BaseModel):
    """Why a person is erased; whoever writes this names nobody in it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    reason: Said


class Target(NamedTuple):
    """The lead that an action is about, and its person."""

    lead_id: str
    person_id: str
    assignment_id: str | None = None
    """Only while it has this assignment; None: whoever has it."""


def as_event(action: Action, identity: str, target: Target, actor: str, now: datetime) -> Event:
    """The activity, keyed by the person so that it meets their other events in turn."""
    data: dict[str, Any] = action.model_dump(exclude={"action"}, exclude_none=True)
    if action.action == "snooze":
        until = action.until or now + SNOOZE
        data["until"] = until.astimezone(UTC).isoformat()
    if target.assignment_id:
        data["assignment_id"] = target.assignment_id
    return Event(
        id=identity,
        key=target.person_id,
        time=now,
        data=Activity(
            activity_id=identity,
            type=TYPES[action.action],
            at=now,
            actor=actor,
            person_id=target.person_id,
            lead_id=target.lead_id,
            data=data,
        ),
    )


def decision(
    row: Mapping[str, Any],
    verb: Literal["released", "discarded"],
    now: datetime,
    actor: str = "staff",
) -> Event:
    """The activity that lets a held submission go on, or ends it, in its next round.

    Its id comes of the round, so deciding twice is deciding once.
    """
    submission_id, turn = str(row["submission_id"]), row["round"] + 1
    identity = derived_id("decision", str(row["id"]), str(turn), verb)
    return Event(
        id=identity,
        key=submission_id,
        time=now,
        round=turn,
        data=Activity(
            activity_id=identity,
            type=f"staff.{verb}",
            at=now,
            actor=actor,
            submission_id=submission_id,
        ),
    )


def erasure(person_id: str, reason: str, actor: str, now: datetime) -> Event:
    """The activity that asks for a person to be erased; enrichment knows what that is."""
    identity = str(uuid.uuid4())
    data = Activity(
        activity_id=identity,
        type=ASKED,
        at=now,
        actor=actor,
        person_id=person_id,
        data={"reason": reason},
    )
    return Event(identity, person_id, now, data)


def replay_id(letter_id: str, turn: int) -> str:
    """The cause of sending a letter again: once a round."""
    return derived_id("replay", letter_id, str(turn))


def again(letter: Mapping[str, Any]) -> Record:
    """The record as it first was, in the round after the one in which it died."""
    headers = [(name, value.encode()) for name, value in letter["headers"] if name != "ce_round"]
    headers.append(("ce_round", str(letter["round"] + 1).encode()))
    return Record(letter["topic"], letter["key"], letter["value"], tuple(headers))
