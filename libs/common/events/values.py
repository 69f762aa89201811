"""The values that several events share: who, from where, how ready, and why.

None can refer back to itself, so the garbage collector is spared them (`gc=False`): a lead is a
hundred of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its offset; one without is no event of ours."""


class Text(msgspec.Struct, frozen=True, gc=False):
    """One sentence for people, in both languages."""

    fa: str
    en: str

    def of(self, language: str) -> str:
        """The sentence in `language` ("fa" or "en"; anything else gives English)."""
        return self.fa if language == "fa" else self.en


class Contact(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How to reach somebody and what they said of themselves.

    `phone` is E.164 and `email` the address in its matching form's domain (IDNA, lower case);
    the `_typed` ones are what the person wrote, which is what people see.
    """

    name: str | None = None
    phone: str | None = None
    phone_typed: str | None = None
    phone_type: str | None = None
    email: str | None = None
    email_typed: str | None = None
    handle: str | None = None
    company: str | None = None
    message: str | None = None
    language: str | None = None
    consent: Any = None
    extra: dict[str, Any] = msgspec.field(default_factory=dict)
    """Every other field, by the name it came with."""
    nickname: bool = False
    """Whether `name` is what a profile calls itself: one that its bearer typed goes before it."""


class Attribution(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Where a touch came from. `page` is the normalised page of origin (contract, section 7)."""

    page: str | None = None
    page_url: str | None = None
    referrer: str | None = None
    utm: dict[str, str] = msgspec.field(default_factory=dict)
    click_ids: dict[str, str] = msgspec.field(default_factory=dict)
    qr: str | None = None
    """The code that was scanned, as in the configuration."""
    scan: str | None = None
    """The token of that very scan (`_sn`), which joins a later form to it."""
    ad: dict[str, str] = msgspec.field(default_factory=dict)
    visitor_id: str | None = None


class Touch(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A submission or an activity seen as a point of contact."""

    submission_id: str
    kind: str
    source: str
    at: Instant
    """When it happened: by the sender's clock where that is known and not ahead of ours."""
    attribution: Attribution = Attribution()
    received_at: Instant | None = None
    """When we received it."""
    temperature: str | None = None
    """Cold where it is a row of a list whose people asked for nothing."""
    message: str | None = None
    """In a conversation, several of whose messages may be of one second and one submission: the id
    that this one has as a submission of its own."""


class Note(msgspec.Struct, frozen=True, gc=False):
    """What a step did or found: shown on the lead's timeline."""

    code: str
    text: Text
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class Decay(msgspec.Struct, frozen=True, gc=False):
    """From this age on, so much of the points is kept."""

    after: int
    """Seconds."""
    keep: int
    """Percent."""


class Fade(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How points lose weight with age: by half in every `half_life`, or in steps."""

    half_life: int | None = None
    """Seconds."""
    steps: tuple[Decay, ...] = ()


class Part(msgspec.Struct, frozen=True, gc=False):
    """What happened once, and its points before they fade."""

    points: int
    at: Instant


class Reason(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One rule's share of a score; with `fade`, `points` is what its parts are worth by then."""

    rule: str
    group: Literal["fit", "engagement"]
    points: int
    text: Text
    at: Instant
    fade: Fade | None = None
    parts: tuple[Part, ...] = ()


class Heat(msgspec.Struct, frozen=True, gc=False):
    """From which total somebody is warm or hot; who only stood in a list stays cold."""

    warm: int
    hot: int
    is_listed: bool = False


class Score(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """How ready: `total` = `fit` + `engagement` = the sum of the reasons' points.

    The numbers are those of `as_of`. What they are later follows from the score alone
    (libs/common/fading.py); without `as_of` they stay as they are.
    """

    total: int
    fit: int
    engagement: int
    version: int
    reasons: tuple[Reason, ...]
    as_of: Instant | None = None
    changes_at: Instant | None = None
    """The next moment at which any number changes by age alone; None: never."""
    caps: dict[str, int] = msgspec.field(default_factory=dict)
    """The most that a group counts; what is above it is taken off by a reason of its own."""
    heat: Heat | None = None


class Skipped(msgspec.Struct, frozen=True, gc=False):
    """A specialist who was passed over, and why."""

    specialist: str
    reason: Text


class Assignment(msgspec.Struct, frozen=True, gc=False):
    """A lead given to a specialist by a rule."""

    id: str
    team: str
    specialist: str
    rule: str
    why: Text
    skipped: tuple[Skipped, ...]
    config_version: int
    at: Instant


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """Why a lead has nobody yet: nobody is at work, or everybody has enough."""

    reason: Literal["hours", "capacity"]
    team: str
    since: Instant
    why: Text
    until: Instant | None = None
    """When somebody is at work again, where that is what it waits for."""


class Deadline(msgspec.Struct, frozen=True, gc=False):
    """Until when a lead is to be accepted, with the moments at which its clock changes colour.

    Counted in working time where the configuration says so; these are moments on the wall clock.
    """

    since: Instant
    half_at: Instant
    last_fifth_at: Instant
    due_at: Instant


class Lead(msgspec.Struct, frozen=True, gc=False):
    """One person's interest, whole: an older `version` never overwrites a newer."""

    id: str
    person_id: str
    version: int
    state: Literal["open", "won", "lost"]
    stage: str
    temperature: str
    contact: Contact
    score: Score
    page: str | None
    source: str
    first_touch: Touch
    last_touch: Touch
    touch_count: int
    opened_at: Instant
    changed_at: Instant
    assignment: Assignment | None = None
    accepted_at: Instant | None = None
    contacted_at: Instant | None = None
    snoozed_until: Instant | None = None
    closed_at: Instant | None = None
    amount: float | None = None
    """Of a won lead, in the organisation's currency."""
    lost_reason: str | None = None
    merged_into: str | None = None
    """The lead that this one was joined to, when its person turned out to be another's."""
    waiting: Waiting | None = None
    deadline: Deadline | None = None
    """While it is not accepted and an SLA holds."""
    erased_at: Instant | None = None
    """When its person was erased: nothing that anybody told of them is in it any more."""
