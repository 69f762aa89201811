"""What came: the call, raw, and what arrived by it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from libs.common.configuration.schema import Source
from libs.common.events import Attribution, digest

UNEXPECTED: Final = "unexpected_shape"
"""Authentic but odd: held, with its raw bytes, for a human."""
DUPLICATES: Final = "duplicate_keys"
"""A name that came twice in one object: which of them was meant, nobody can say."""
OTHER_FORM: Final = "other_form"
"""Of a form that the source is not limited to."""

UNVERIFIED: Final[Mapping[str, bool]] = MappingProxyType({"unverified": True})
"""Beside what was sent, where only the address proves the sender though the platform could sign."""


class Knock(NamedTuple):
    """A call of a webhook, raw: a proof is checked on these bytes."""

    method: str
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes
    tail: str
    """What follows the key in the path."""
    url: str = ""
    """As its sender wrote it, with the query: some proofs cover it."""

    @property
    def said(self) -> bytes:
        """What its sender says: the body, or the query of a GET, which has none."""
        return self.query if self.method == "GET" else self.body


class Arrival(NamedTuple):
    """One submission in a webhook's body; a body may hold several."""

    key: str | None
    """The platform's own id of it."""
    content: bytes
    """What its digest is made of: the content without counters of attempts."""
    fields: Mapping[str, str] = MappingProxyType({})
    extra: Mapping[str, Any] = MappingProxyType({})
    attribution: Attribution = Attribution()
    consent: Any = None
    held: str | None = None
    test: bool = False
    raw: bytes | None = None
    """What is kept of the body where that is not all of it: its own part, or without a secret."""
    form: str | None = None
    """The platform's form, where the source may be limited to some."""
    start: str | None = None
    """The payload of a deep link that began a chat: a QR code, a scan, or anything else."""
    occurred_at: datetime | None = None
    """By the platform's clock."""
    proven: tuple[str, ...] = ()
    """Fields that the platform vouches for; they count only where the source has a secret."""
    hydrate: bool = False
    """It carries an id only, and its content is to be fetched."""
    candidates: Mapping[str, dict[str, str]] = MappingProxyType({})
    """Of one contact several fields (`names.candidates_of`)."""
    activity: str | None = None
    """What somebody did, where it is no wish to be called (a comment): its author is remembered
    and told of once they are known, and no lead is opened."""
    reply: Mapping[str, str] = MappingProxyType({})
    """Where somebody's chat can be answered, as its kind in `replies/` takes it."""
    submits: str | None = None
    """The kind of this submission, where the platform has several: webhook, chat. None: as its
    kind of source has it."""
    nickname: bool = False
    """Whether its name is the profile's of a messenger, and none that was typed for us."""
    conversation: str | None = None
    """Of a message that has an id and a moment of its own: the conversation that it is said in,
    whose messages of one day are one submission (docs/decisions/0020-conversations.md)."""
    again_after: int = 0
    """Seconds after which the same key is another submission (`Kind.again_after`); 0: never."""
    stranger: str | None = None
    """The platform's own id of its sender, whose name is told only to who asks: it goes out at
    once, and the name follows."""


class Withdrawn(NamedTuple):
    """The platform's word that somebody took back what they sent.

    It is erased, also when it has not come yet, and nothing else of the call is kept
    (docs/decisions/0016-erasure.md).
    """

    key: str
    """As in the arrival that it takes back."""
    at: datetime | None = None
    """By the platform's clock, where what is taken back may be there again (a restored contact)."""


def odd(content: bytes, raw: bytes | None = None, held: str = UNEXPECTED) -> Arrival:
    """What nobody here understands, held; the same again has the same id."""
    return Arrival(f"odd:{digest(content)}", content, held=held, raw=raw)


def held_for_its_form(arrival: Arrival, source: Source) -> str | None:
    """Why a lead of another form than those named waits for a human; its content comes first."""
    if source.forms is None or arrival.form in source.forms or arrival.hydrate or arrival.test:
        return None
    return OTHER_FORM
