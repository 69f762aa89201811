"""What a kind of webhook is: how its sender proves itself, and what its body says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from libs.common.configuration.schema import Source
from libs.common.events import Attribution
from services.capture.call import Answer


class Knock(NamedTuple):
    """A call of a webhook, raw: a proof is checked on these bytes."""

    method: str
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes
    tail: str
    """What follows the key in the path."""


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


class Kind(Protocol):
    """A platform. Pure: the clock is an argument."""

    @property
    def kind(self) -> str:
        """Its name in paths and in the configuration."""
        ...

    @property
    def methods(self) -> tuple[str, ...]:
        """The HTTP methods that it calls with."""
        ...

    @property
    def takes_tail(self) -> bool:
        """Whether its path may go on after the key."""
        ...

    def prove(self, knock: Knock, source: Source, now: float) -> bool:
        """Whether the call is from whom it says, now being in seconds since 1970."""
        ...

    def parse(self, knock: Knock, source: Source) -> Sequence[Arrival]:
        """What arrived. Never fails: what is not understood is held."""
        ...

    def answer(self, knock: Knock, source: Source) -> Answer:
        """What the platform wants to hear once it is stored."""
        ...
