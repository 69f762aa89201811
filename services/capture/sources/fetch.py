"""How what came by id only is asked for, and what an answer can be. Pure: nothing is sent here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from libs.common.configuration.schema import Source
from libs.common.events import LeadCaptured
from libs.common.standstill import Lack
from services.capture.sources.arrival import Arrival

TOGETHER: Final = timedelta(seconds=5)
"""What a platform tells of one form in several words comes within these; what somebody sends twice
with other words does not, or is told apart by them."""


class Item(NamedTuple):
    """What is to be fetched: the platform's id, and how often it was not found there so far."""

    key: str
    missing: int = 0
    at: datetime | None = None
    """When it was sent, where the platform said so: what is read may have changed since."""


class Request(NamedTuple):
    """A GET, or with a body a POST. A token is in the headers or the body, never in the URL."""

    url: str
    headers: Mapping[str, str]
    body: bytes | None = None


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
    said: Lack | None = None
    """What is missing, where the answer names something else than that."""

    @property
    def lacks(self) -> Lack:
        """What is missing: where all is refused the token, unless the answer says otherwise."""
        return self.said or ("token" if self.everywhere else "right")


class Missing(NamedTuple):
    """Not there, or not for us to see: after a few tries a human is asked."""

    code: str
    own: bool = False
    """It was seen, so that it says nothing of our rights."""

    @property
    def lacks(self) -> Lack:
        """What may be missing, where others are not there either."""
        return "sight"


Trouble = Failed | Throttled | Refused | Missing
Result = Content | Trouble


class Further(NamedTuple):
    """One more thing has to be asked before the content can be told."""

    request: Request
    read: Callable[[Reply], Result | Further | Explained]
    remember: str | None = None
    """Of what the answer speaks, where that hardly ever changes: it is asked for once a day."""


class Explained(NamedTuple):
    """The content is known, and what is asked only puts it into better words, in its own time."""

    by: Further
    otherwise: Callable[[Trouble], Result]
    """What follows where that is not had."""


class Fetch(NamedTuple):
    """How the content behind an id is had."""

    request: Callable[[Item, Source], Request]
    read: Callable[[Item, Source, Reply], Result | Further | Explained]
    readable_for_days: int
    """How long the platform gives it out, or for how long it is worth asking."""
    names: bool = False
    """What is asked for is the name of who sent what has gone out already: nothing waits for it."""
    record: Callable[[LeadCaptured], str | None] | None = None
    """Where several submissions are of one record of the platform's: that record's key. Under it
    all of them are taken back (docs/decisions/0021-forms-of-a-contact.md)."""
