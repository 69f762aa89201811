"""What a kind of webhook is: how its sender proves itself, and what its body says.

All of it is pure: the clock is an argument, and a fetch only says what to ask and how to read
the reply. docs/how-to/add-a-source.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from libs.common.configuration.schema import Source
from services.capture.calls.call import Answer
from services.capture.sources.arrival import Arrival, Knock, Withdrawn
from services.capture.sources.fetch import Fetch
from services.capture.sources.introspection import Introspection
from services.capture.sources.listing import Listing


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
    calls_by_get: bool = False
    """It may be set to GET; its query says then what a body would."""
    handshake: Callable[[Knock, Source], Answer | None] | None = None
    """The answer to a GET that asks whether we are there; None: it did not prove itself."""
    permission: Callable[[Knock], Answer | None] | None = None
    """The answer to an OPTIONS that asks whether a system may send here; None: nobody asked."""
    refusal: Callable[[int], Answer] | None = None
    """How to say no, by status, where the platform wants its own shape."""
    fetch: Fetch | None = None
    """For platforms that send ids only, or nobody's name."""
    repeats: Callable[[Knock, Arrival], str] | None = None
    """The key of an arrival that has none: the same of a repeat (`repeats`). Never fails."""
    again_after: int = 0
    """Seconds after which the same key of `repeats` is another submission; 0: never."""
    listing: Listing | None = None
    """For platforms that can be asked what there was, beside what they sent."""
    introspection: Introspection | None = None
    """For platforms that can be asked when an access token ends."""
    written_to: Callable[[Knock, Source], Iterable[str]] | None = None
    """The handles of those to whom somebody of ours has written, where a call tells that (echoes):
    nothing is answered by itself after that."""

    def answering(self, knock: Knock, source: Source) -> Answer:
        """What the sender of this call wants to hear."""
        return self.answers(knock, source) if self.answers else self.answer

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods that it calls with."""
        greeted = ("GET",) if self.handshake or self.calls_by_get else ()
        return (*greeted, "POST", *(("OPTIONS",) if self.permission else ()))
