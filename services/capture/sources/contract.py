"""What a kind of webhook is: how its sender proves itself, and what its body says.

All of it is pure: the clock is an argument, and a fetch only says what to ask and how to read
the reply. docs/how-to/add-a-source.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from libs.common.configuration.schema import Source
from libs.common.events import Attribution, digest
from services.capture.call import Answer

if TYPE_CHECKING:
    from services.capture.sources.listing import Listing

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


class Item(NamedTuple):
    """What is to be fetched: the platform's id, and how often it was not found there so far."""

    key: str
    missing: int = 0


class Request(NamedTuple):
    """A GET. The token is in the headers, never in the URL."""

    url: str
    headers: Mapping[str, str]


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Content(NamedTuple):
    """It was read: the submission as it is."""

    arrival: Arrival


class Failed(NamedTuple):
    """Not now, and nobody is to blame that we know: a platform in trouble, a cut answer."""

    code: str


class Throttled(NamedTuple):
    """The source as a whole asked too often."""

    code: str
    after: float | None = None
    """Seconds, where the platform says so."""


class Refused(NamedTuple):
    """We lack a right: for this lead, its form or page, until others show that it is for all."""

    code: str
    everywhere: bool = False
    """The token itself is void or blocked: the source as a whole waits for somebody to act."""


class Missing(NamedTuple):
    """Not there, or not for us to see: after a few tries a human is asked."""

    code: str
    own: bool = False
    """It was seen, so that it says nothing of our rights."""


Trouble = Failed | Throttled | Refused | Missing
Result = Content | Trouble


class Further(NamedTuple):
    """One more thing has to be asked before the content can be told."""

    request: Request
    read: Callable[[Reply], Result | Further]
    remember: str | None = None
    """Of what the answer speaks, where that never changes: it is asked for once."""


class Fetch(NamedTuple):
    """How the content behind an id is had."""

    request: Callable[[Item, Source], Request]
    read: Callable[[Item, Source, Reply], Result | Further]
    readable_for_days: int
    """How long the platform gives it out, or for how long it is worth asking."""
    names: bool = False
    """What is asked for is the name of who sent what has gone out already: nothing waits for it."""


class Kind(NamedTuple):
    """A platform."""

    kind: str
    """Its name in paths and in the configuration."""
    prove: Callable[[Knock, Source, float], bool]
    """Whether the call is from whom it says, now being in seconds since 1970."""
    parse: Callable[[Knock, Source], Sequence[Arrival | Withdrawn]]
    """What arrived or is taken back; nothing, where it is to be acknowledged and no more.
    Never fails."""
    answer: Answer = Answer(200, b"{}")
    """What the platform wants to hear once it is stored."""
    answers: Callable[[Knock, Source], Answer] | None = None
    """The same, where it depends on the call: what is to become of a customer on the line.
    Never fails."""
    submits: str = "webhook"
    """The kind of the submissions: webhook, chat, call."""
    has_forms: bool = False
    """Whether its leads say of which form they are."""
    is_signed: bool = False
    """Without a secret nobody can prove anything, so the configuration must have one."""
    signs_url: bool = False
    """Its proof covers the URL as the platform knows it."""
    handshake: Callable[[Knock, Source], Answer | None] | None = None
    """The answer to a GET that asks whether we are there; None: it did not prove itself."""
    refusal: Callable[[int], Answer] | None = None
    """How to say no, by status, where the platform wants its own shape."""
    fetch: Fetch | None = None
    """For platforms that send ids only, or nobody's name."""
    listing: Listing | None = None
    """For platforms that can be asked what there was, beside what they sent."""
    written_to: Callable[[Knock, Source], Iterable[str]] | None = None
    """The handles of those to whom somebody of ours has written, where a call tells that (echoes):
    nothing is answered by itself after that."""

    def answering(self, knock: Knock, source: Source) -> Answer:
        """What the sender of this call wants to hear."""
        return self.answers(knock, source) if self.answers else self.answer

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods that it calls with."""
        return ("GET", "POST") if self.handshake else ("POST",)


def odd(content: bytes, raw: bytes | None = None, held: str = UNEXPECTED) -> Arrival:
    """What nobody here understands, held; the same again has the same id."""
    return Arrival(f"odd:{digest(content)}", content, held=held, raw=raw)


def held_for_its_form(arrival: Arrival, source: Source) -> str | None:
    """Why a lead of another form than those named waits for a human; its content comes first."""
    if source.forms is None or arrival.form in source.forms or arrival.hydrate or arrival.test:
        return None
    return OTHER_FORM
