"""What a channel is: it sends one message and says what is known to have become of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple, Protocol, runtime_checkable

from libs.common.configuration.schema import Channel as ChannelSettings
from services.routing.messages.message import Message


class Sent(NamedTuple):
    """The receiver has accepted it."""

    reference: str | None = None
    """What the receiver calls it, where it can be changed later."""


class Refused(NamedTuple):
    """The receiver has certainly not accepted it, so it may be tried again."""

    error: str
    """A code such as `http_503`, shown to staff; never contact data."""
    for_good: bool = False
    """Trying again cannot help."""
    retry_after: float | None = None
    """Seconds that the receiver asked to be left alone."""


class Unknown(NamedTuple):
    """It may or may not have been accepted: repeated only where the receiver sees a repeat."""

    error: str


class Gone(NamedTuple):
    """The receiver wants nothing more on this route."""


Result = Sent | Refused | Unknown | Gone


Begin = Callable[[], Awaitable[bool]]
"""Asked right before a message is written: notes it, and says whether it is still ours to send."""
TOO_LATE: Final = Refused("too_late")
"""What is not ours any more by the time it could be written."""


class Channel(Protocol):
    """A way to reach a specialist."""

    @property
    def name(self) -> str:
        """As in the configuration: `notify: [{channel: <name>}]`."""
        ...

    @property
    def takes_id(self) -> bool:
        """Whether the receiver sees by the message's id that it has had it already.

        Only then is a send whose outcome is unknown repeated (delivery rule 20).
        """
        ...

    @property
    def at_once(self) -> int:
        """How many are under way at most, so that a slow receiver holds up no other channel."""
        ...

    @property
    def seconds(self) -> float:
        """For one attempt as a whole; what has not ended by then is of unknown outcome."""
        ...

    async def send(
        self, message: Message, address: str, settings: ChannelSettings | None, begin: Begin, /
    ) -> Result:
        """Send to `address` (the route's `to`); the caller bounds the time.

        Without an id that the receiver sees, nothing is written before `begin` has agreed.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class Editable(Protocol):
    """A channel on which a message can be changed after it was sent."""

    async def edit(
        self, message: Message, reference: str, settings: ChannelSettings | None
    ) -> Result:
        """Make the message under `reference` say what `message` says now.

        Doing it twice is doing it once, so an unknown outcome may be repeated.
        """
        ...
