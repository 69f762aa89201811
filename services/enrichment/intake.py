"""What an event asks for, given what is stored of its submission (delivery rules 1, 16, 28, 29)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final, Literal

import msgspec
from msgspec import structs

from libs.common.errors import Reject
from libs.common.events import Activity, Event, LeadCaptured, Touch
from libs.common.held import CONTENTLESS
from services.enrichment.anew import told_anew
from services.enrichment.draft import Draft
from services.enrichment.normalise import normalise
from services.enrichment.placing import ANEW, NOTHING, Apart, Past, known, placed, with_message
from services.enrichment.steps.text import tidy
from services.enrichment.stored import Stored, moment_of, said_at
from services.enrichment.verdict import UNUSABLE_CONTACT, VISITS, Verdict, judge

RELEASED: Final = "staff.released"
DISCARDED: Final = "staff.discarded"
RELEASABLE: Final = ("quarantined", "discarded")

Action = Literal["content", "resent", "key_conflict", "discarded", "nothing"]


class Item(msgspec.Struct, frozen=True, dict=True):
    """An event with what is to be done about it.

    content: this is the submission now. resent, key_conflict: kept beside what it is.
    discarded: it ends. nothing: seen before, or not for this service.
    """

    event: Event
    action: Action = "nothing"
    captured: LeadCaptured | None = None
    written: str | None = None
    """`captured` as JSON, where it has been made already."""
    draft: Draft | None = None
    verdict: Verdict | None = None
    round: int = 0
    stored: Stored | None = None
    raw: bytes | None = None
    """None: as stored."""
    raw_size: int = 0
    rejected: Reject | None = None

    @cached_property
    def is_somebodys(self) -> bool:
        """Whether it counts for identity; what is held claims nothing (rule 16)."""
        known = self.verdict is not None and self.verdict.outcome == "enriched"
        return known and self.action != "key_conflict"

    @property
    def is_supplement(self) -> bool:
        """Whether it adds to what was said before (a name), and nobody came again."""
        captured, stored = self.captured, self.stored
        if self.action != "resent" or captured is None or stored is None:
            return False
        return captured.revision > stored.revision

    @property
    def is_visit(self) -> bool:
        """Whether somebody did something without a way to reach them, and nothing speaks for a bot.

        What only looks like a visit is kept, but is nobody's and never counts (rule 16).
        """
        captured, draft = self.captured, self.draft
        if self.action != "content" or captured is None or draft is None or self.verdict is None:
            return False
        is_one = captured.kind in VISITS and self.verdict.outcome == "activity"
        return is_one and not draft.signs

    @property
    def apart(self) -> Apart | None:
        """As what came under another id and is a submission of its own."""
        data, one = self.event.data, self.captured
        if self.action != "content" or not isinstance(data, LeadCaptured | Activity):
            return None
        came_under = known(data.submission_id)
        if one is None or one.message != one.submission_id or not came_under:
            return None
        return Apart(came_under, one.submission_id, said_at(one))

    @property
    def changes(self) -> bool:
        """Whether the submission is another one after it."""
        return self.action in ("content", "discarded")

    @cached_property
    def touch(self) -> Touch:
        """The submission as a point of contact. Only of what has content."""
        captured, draft = self.captured, self.draft
        if captured is None or draft is None:
            raise ValueError("an event without content is no touch")
        return Touch(
            submission_id=captured.submission_id,
            kind=captured.kind,
            source=captured.source,
            at=moment_of(captured),
            attribution=draft.attribution,
            received_at=captured.received_at,
            temperature=captured.temperature,
            message=captured.message,
        )

    @cached_property
    def after(self) -> Stored:
        """The submission once this is done; its person is decided later. Only if it changes."""
        captured, verdict, before = self.captured, self.verdict, self.stored
        if captured is None or verdict is None:
            raise ValueError("an event without content changes no submission")
        data = self.event.data
        own = isinstance(data, LeadCaptured) and data.revision == captured.revision
        return Stored(
            id=captured.submission_id,
            round=self.round,
            revision=captured.revision,
            event_id=self.event.id if own or before is None else before.event_id,
            outcome=verdict.outcome,
            reason=verdict.reason,
            person_id=before.person_id if before else None,
            captured=captured,
            raw_size=self.raw_size,
        )


def submission_of(event: Event) -> str | None:
    """The submission that the event is about; None for what this service leaves alone."""
    data = event.data
    if isinstance(data, LeadCaptured) or (
        isinstance(data, Activity) and data.type in (RELEASED, DISCARDED, ANEW)
    ):
        return known(data.submission_id)
    return None


def sort_out(
    batch: Iterable[Event], stored: dict[str, Stored], country: str, past: Past = NOTHING
) -> Iterator[Item]:
    """What to do about each event, in order; a later one sees what an earlier one made."""
    moments = {of: [*known] for of, known in past.moments.items()}
    past = past._replace(moments=moments)
    for event in batch:
        item = _one(event, stored, country, past)
        if item.changes:
            stored[item.after.id] = item.after
        if apart := item.apart:
            moments.setdefault(apart.conversation, []).append(apart.moment)
        yield item


def _one(event: Event, stored: Mapping[str, Stored], country: str, past: Past) -> Item:
    data = event.data
    if isinstance(data, LeadCaptured):
        return _said(event, data, stored, country, past)
    if isinstance(data, Activity) and data.type == ANEW:
        anew = past.anew.get(event.id)
        is_new = anew is not None and anew.submission_id not in stored
        return _content(event, anew, None, country, event.round) if anew and is_new else Item(event)
    if isinstance(data, Activity) and data.type in (RELEASED, DISCARDED):
        before = stored.get(submission_of(event) or "")
        if before is None:
            return Item(event, rejected=Reject("submission_unknown"))
        return _decided(event, data, before, country)
    return Item(event)


def _said(
    event: Event, given: LeadCaptured, stored: Mapping[str, Stored], country: str, past: Past
) -> Item:
    submission_id = submission_of(event)
    if submission_id is None:
        return Item(event, rejected=Reject("submission_id_unreadable"))
    data = placed(event, with_message(given, submission_id), stored, past)
    if data is None:
        return Item(event)
    return _captured(event, data, stored.get(data.submission_id), country)


def _captured(event: Event, data: LeadCaptured, stored: Stored | None, country: str) -> Item:
    if stored is None:
        return _content(event, data, None, country, event.round)
    if stored.outcome in ("erased", "discarded") or data.revision < stored.revision:
        is_asked = event.round > stored.round and stored.outcome != "erased"
        return as_it_is(event, stored, country) if is_asked else Item(event)
    if event.id == stored.event_id:
        # The same again is nothing new, unless a person replayed it: then it goes its way anew.
        replayed = event.round > stored.round
        return _content(event, data, stored, country, event.round) if replayed else Item(event)
    if data.revision > stored.revision and stored.outcome == "hydrating":
        return _content(event, data, stored, country, max(event.round, stored.round))
    if data.revision > stored.revision and _is_contentless(stored):
        return _content(event, data, stored, country, max(event.round, stored.round + 1))
    return _repeated(event, data, stored, country)


def as_it_is(event: Event, stored: Stored, country: str) -> Item:
    """What is overtaken was replayed: its round is another one, and nothing else about it."""
    return Item(
        event,
        "discarded" if stored.outcome == "discarded" else "content",
        captured=stored.captured,
        draft=normalise(stored.captured, country),
        verdict=Verdict(stored.outcome, stored.reason),
        round=event.round,
        stored=stored,
        raw_size=stored.raw_size,
    )


def _repeated(event: Event, data: LeadCaptured, stored: Stored, country: str) -> Item:
    """Another body under the same id: of our own key a conflict, of a platform's a resend."""
    item = _content(event, data, stored, country, stored.round + 1)
    nobodys = stored.outcome == "activity" or stored.reason == UNUSABLE_CONTACT
    if data.key_owner == "platform" and nobodys and item.is_somebodys:
        return item  # who could not be reached now can: a new round, as the first end was told
    action: Action = "resent" if data.key_owner == "platform" else "key_conflict"
    return structs.replace(item, action=action, round=stored.round)


def _content(
    event: Event, data: LeadCaptured, stored: Stored | None, country: str, rounds: int
) -> Item:
    captured, written = tidy(data)
    draft = normalise(captured, country)
    if captured.message == captured.submission_id:
        draft = told_anew(draft)
    return Item(
        event,
        "content",
        captured=captured,
        written=written,
        draft=draft,
        verdict=judge(draft, released=False),
        round=rounds,
        stored=stored,
        raw=data.raw,
        raw_size=len(data.raw),
    )


def _decided(event: Event, data: Activity, stored: Stored, country: str) -> Item:
    """A person released or discarded what was held; a second or late click changes nothing."""
    release = data.type == RELEASED
    open_to = RELEASABLE if release else ("quarantined",)
    if event.round <= stored.round or stored.outcome not in open_to:
        return Item(event)
    draft = normalise(stored.captured, country)
    if release and _is_contentless(stored):
        verdict = Verdict("quarantined", stored.captured.held)
        draft = draft.noting(
            "asked_again",
            "محتوایش دوباره از پلتفرم خواسته شد؛ اگر برسد، خودش به راه می‌افتد.",
            "Its platform is asked for its content again; once that comes, it goes its way.",
        )
    elif release:
        verdict = judge(draft, released=True)
        draft = draft.noting(
            "released",
            "یکی از همکاران آن را دید و برای پیگیری آزاد کرد.",
            "A colleague looked at it and released it for follow-up.",
        )
        draft = _read_again(draft) if stored.read_again else draft
    else:
        why = data.data.get("reason")
        verdict = Verdict("discarded", str(why)[:200] if why else None)
    return Item(
        event,
        "content" if release else "discarded",
        captured=stored.captured,
        draft=draft,
        verdict=verdict,
        round=event.round,
        stored=stored,
        raw_size=stored.raw_size,
    )


def _read_again(draft: Draft) -> Draft:
    return draft.noting(
        "read_again",
        "با نگاشتی که اکنون برای این منبع نوشته شده، دوباره خوانده شد.",
        "It was read again with the mapping that its source has now.",
    )


def released(batch: Iterable[Event], stored: Mapping[str, Stored]) -> list[str]:
    """The submissions whose raw bytes are looked into again, as somebody releases them."""
    asked = (e.data for e in batch if isinstance(e.data, Activity) and e.data.type == RELEASED)
    ids = {known(data.submission_id) or "" for data in asked}
    return sorted(one for one in ids if one in stored and stored[one].outcome in RELEASABLE)


def _is_contentless(stored: Stored) -> bool:
    """Whether there is nobody in it; its end is told, so that its content begins a new round."""
    return stored.captured.held in CONTENTLESS and stored.outcome != "erased"
