"""What each event says, one struct per topic: the only definition (JSON Schemas come of it).

A reader ignores fields that it does not know and every new field has a default, so that
services of two versions run side by side. tests/contract/test_events.py holds them to it.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from libs.common.events.values import (
    Attribution,
    Contact,
    Instant,
    Lead,
    Note,
    Score,
    Text,
    Touch,
)

SUBMISSION_KINDS = ("form", "api", "webhook", "chat", "call", "qr", "import", "walk_in", "activity")


class Client(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was seen of the sender's connection."""

    address: str | None = None
    user_agent: str | None = None
    accept_language: str | None = None
    origin: str | None = None


class LeadCaptured(msgspec.Struct, frozen=True, omit_defaults=True):
    """A submission as it arrived, proven and durable; nothing in it is normalised yet.

    `fields` are ours (name, phone, email …) with the text as typed; `extra` is all the rest.
    `revision` 1 without content means ids only: the fetched content follows as revision 2.
    """

    submission_id: str
    kind: str
    source: str
    source_kind: str
    received_at: Instant
    digest: str
    """SHA-256 (hex) of the raw body, or of this lead's own content for platforms."""
    raw: bytes
    content_type: str = ""
    revision: int = 1
    key_owner: Literal["ours", "platform", "none"] = "none"
    """Whose key the submission id is made of: ours conflict, a platform's resend is a touch."""
    site: str | None = None
    form: str | None = None
    region: str | None = None
    fields: dict[str, str] = msgspec.field(default_factory=dict)
    extra: dict[str, Any] = msgspec.field(default_factory=dict)
    consent: Any = None
    attribution: Attribution = Attribution()
    """As sent: `page_url` is the page of origin chosen at the door, `page` is still empty."""
    client: Client = Client()
    signs: tuple[str, ...] = ()
    """Signs of a bot: honeypot, too_fast, foreign_origin, captcha_failed, rate."""
    held: str | None = None
    """Authentic but odd: quarantine it with this reason (unexpected_shape …)."""
    test: bool = False
    hydrate: bool = False
    platform_id: str | None = None
    """The platform's own id of what it is asked for: the content or, where that is all here and
    only who sent it is not, the sender."""
    occurred_at: Instant | None = None
    """When it happened by the sender's clock, where that is known (a platform's lead, a visit)."""
    activity: str | None = None
    """Of kind activity: what was done (page_view, download, trial_start …)."""
    temperature: str | None = None
    """Of an import: cold where whoever put it in says that these people asked for nothing."""
    entered_by: str | None = None
    """Who of the staff put it in at the desk: a specialist's key, staff or api."""
    proven: tuple[str, ...] = ()
    """Fields that the platform itself vouches for: a phone shared by its own account."""
    candidates: dict[str, dict[str, str]] = msgspec.field(default_factory=dict)
    """Of phone and email, where several fields were filled: each by its own name, in order. The
    first is the one in `fields`."""
    config_version: int = 0
    withdrawn: bool = False
    """No content: who sent this submission took it back, so that it is erased, come or to come."""
    reply: dict[str, str] = msgspec.field(default_factory=dict)
    """Where its chat can be answered, by the platform's own names; only of a source that answers
    by itself."""
    nickname: bool = False
    """Whether the name in `fields` is what a messenger's profile calls itself, typed for nobody."""
    message: str | None = None
    """Of a message in a conversation, whose submission this then is: the id that the message has
    where it is a submission of its own. Of what has no id but its content, likewise."""
    again_after: int = 0
    """Of what has no id but its content: the same sooner than so many seconds after it is a repeat
    and says nothing, later a submission of its own, under `message`."""


class SubmissionEnriched(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a submission in enrichment; with a person unless it ended or is held."""

    submission_id: str
    outcome: Literal[
        "enriched", "hydrating", "activity", "quarantined", "test", "discarded", "erased"
    ]
    touch: Touch
    contact: Contact = Contact()
    """What this submission brought, normalised."""
    person_id: str | None = None
    person: Contact = Contact()
    """The person as known now, this submission folded in."""
    person_version: int = 0
    """Grows with every change of the person: an older `person` never overwrites a newer."""
    joined: tuple[str, ...] = ()
    """Retired persons that are this one now (the older id survives)."""
    reason: str | None = None
    notes: tuple[Note, ...] = ()
    verified: dict[str, Any] = msgspec.field(default_factory=dict)
    """Facts of verification: phone_type, phone_valid, email_free, email_disposable, signs …"""
    new_person: bool = False
    raw_size: int = 0
    raw: bytes | None = None
    """Only of what is held, for the person who decides on it."""
    config_version: int = 0


class LeadScored(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person's score after a submission (then `enriched` is there) or an activity."""

    person_id: str
    version: int
    """Grows with every score of this person: an older one never overwrites a newer."""
    score: Score
    stage: str
    temperature: str
    stage_reason: Text | None = None
    submission_id: str | None = None
    enriched: SubmissionEnriched | None = None
    config_version: int = 0


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """What happened to a lead, for its timeline."""

    kind: str
    """opened, touched, assigned, accepted, declined, contacted, won …"""
    text: Text
    at: Instant
    actor: str = "system"
    cause: str | None = None
    """Id of the event that caused it: a desk that waits for its action looks for this."""
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class LeadRouted(msgspec.Struct, frozen=True, omit_defaults=True):
    """A lead after a touch or an action, whole, and what became of the touch."""

    lead: Lead
    changes: tuple[Change, ...] = ()
    submission_id: str | None = None
    outcome: Literal["assigned", "waiting", "duplicate"] | None = None


class NotificationSettled(msgspec.Struct, frozen=True, omit_defaults=True):
    """A message to one recipient on one channel, in the state it is in now."""

    notification_id: str
    lead_id: str
    kind: str
    channel: str
    specialist: str
    state: Literal["planned", "sending", "sent", "failed", "unknown"]
    at: Instant
    version: int = 0
    attempts: int = 0
    error: str | None = None
    submission_id: str | None = None
    outcome: Literal["notified", "undelivered"] | None = None
    """The submission's end, when this message settles it."""


class Activity(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something a visitor, a specialist or a clock did. Keyed by person once there is one."""

    activity_id: str
    type: str
    """page_view, download …; staff.accepted, staff.released …; timer.sla_due …"""
    at: Instant
    actor: str = "system"
    person_id: str | None = None
    lead_id: str | None = None
    submission_id: str | None = None
    visitor_id: str | None = None
    page: str | None = None
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class DeadLetter(msgspec.Struct, frozen=True, omit_defaults=True):
    """A record that a stage gave up on.

    It travels as the original bytes with the reason in headers, never in this shape
    (libs/common/stage/deadletters.py).
    """

    letter_id: str
    """The same for every death of the same event."""
    stage: str
    reason: str
    topic: str
    key: str
    at: Instant
    value: bytes
    headers: tuple[tuple[str, str], ...]
    detail: str = ""
    submission_id: str | None = None


Payload = (
    LeadCaptured
    | SubmissionEnriched
    | LeadScored
    | LeadRouted
    | NotificationSettled
    | Activity
    | DeadLetter
)
