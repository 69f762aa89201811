"""What a slice of events amounts to, row by row, before it is written."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal, NamedTuple

import msgspec

from libs.common.events import Attribution, Contact, Lead, NotificationSettled, Text


class SubmissionRow(msgspec.Struct, frozen=True, gc=False):
    """What one event, or several in a row, say of a submission. None: they do not say."""

    id: str
    round: int
    rank: int
    state: str
    state_at: datetime
    reason: str | None = None
    source: str | None = None
    kind: str | None = None
    received_at: datetime | None = None
    occurred_at: datetime | None = None
    """By the sender's clock, where that is another moment."""
    lead_id: str | None = None
    person_id: str | None = None
    content_round: int = -1
    content_weight: int = -1
    """How much this content is worth against another's: normalised beats as typed."""
    contact: Contact = Contact()
    attribution: Attribution = Attribution()
    content_type: str | None = None
    raw_size: int | None = None
    is_test: bool = False
    """Whether it said itself that it is a test, whatever became of it."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """One line of a story, before it has its event's id and number."""

    kind: str
    text: Text
    at: datetime
    place: int
    """Orders lines of the same moment along the flow."""
    actor: str = "system"
    cause: str | None = None
    data: dict[str, Any] = {}
    submission_id: str | None = None
    lead_id: str | None = None
    person_id: str | None = None


class TimelineRow(msgspec.Struct, frozen=True, gc=False):
    """A line with the event that it came of: what makes a repeat the same row."""

    event_id: str
    n: int
    line: Line


class NotificationRow(NamedTuple):
    """A message in the state that its newest version says."""

    version: int
    settled: NotificationSettled


class HeldRow(NamedTuple):
    """A submission held for review, or a body that came under another's key."""

    id: str
    submission_id: str
    round: int
    state: str
    """held, or ended when the submission has gone on."""
    reason: str
    source: str | None
    received_at: datetime
    content_type: str | None
    raw_size: int
    raw: bytes | None
    is_conflict: bool = False
    occurred_at: datetime | None = None


class LetterRow(NamedTuple):
    """A dead letter with all that is needed to send it again."""

    id: str
    round: int
    stage: str
    reason: str
    detail: str
    topic: str
    key: str
    at: datetime
    submission_id: str | None
    headers: tuple[tuple[str, str], ...]
    value: bytes


class AssignmentRow(NamedTuple):
    """A lead given to somebody: each once, though a lead tells of its newest only."""

    id: str
    lead_id: str
    team: str
    specialist: str
    rule: str
    at: datetime


class PauseRow(NamedTuple):
    """The newest word on whether a specialist or a source is set aside, or a source waits."""

    kind: Literal["source", "specialist", "wait"]
    key: str
    is_paused: bool
    at: datetime
    until: datetime | None = None
    why: Text | None = None


class ComparisonRow(NamedTuple):
    """What comparing a source with its platform's list has found, of the last days."""

    source: str
    at: datetime
    compared: int
    """Leads that the list has shown the last time."""
    missing: int
    """The list had them, and no call ever came."""
    late: int
    """Their call came after the list had brought them."""
    repeated: int
    """Calls beyond each lead's first."""
    days: int
    trouble: str | None = None
    """Why the list cannot be had, by the platform's code."""


class TokenRow(NamedTuple):
    """The newest word on when a source's token ends."""

    source: str
    kind: str
    expires: date | None
    """None: not, or nobody knows."""
    at: datetime


class MisaddressedRow(NamedTuple):
    """A post from a page of ours to a form that does not exist."""

    id: str
    form: str
    host: str | None
    page: str | None
    at: datetime


class ErasedRow(NamedTuple):
    """A submission or person of which nothing is to be left."""

    id: str
    kind: Literal["submission", "person"]
    at: datetime


class Rows(msgspec.Struct):
    """All rows of a slice, one a key, each sorted by its key when written (rule 12)."""

    submissions: dict[str, SubmissionRow] = {}
    leads: dict[str, Lead] = {}
    timeline: list[TimelineRow] = []
    notifications: dict[str, NotificationRow] = {}
    held: dict[str, HeldRow] = {}
    letters: dict[str, LetterRow] = {}
    survivors: dict[str, str] = {}
    """Retired person: the one that it is now."""
    assignments: dict[str, AssignmentRow] = {}
    pauses: dict[tuple[str, str], PauseRow] = {}
    misaddressed: dict[str, MisaddressedRow] = {}
    comparisons: dict[str, ComparisonRow] = {}
    tokens: dict[str, TokenRow] = {}
    spools: dict[str, int] = {}
    """How far the desk's own spools have come, by what the log holds."""
    erased: dict[str, ErasedRow] = {}
