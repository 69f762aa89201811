"""What a platform's list of leads is: how a page of it is asked for and read. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from libs.common.configuration.schema import Source
from services.capture.sources.arrival import Arrival
from services.capture.sources.fetch import Reply, Request, Trouble


class Asked(NamedTuple):
    """One page of a list."""

    place: str
    """The form or account whose list it is."""
    cursor: str = ""
    """Where in it, in the kind's own words; empty at its beginning."""
    since: datetime | None = None
    """From when on; None: as far back as the platform goes."""


class Page(NamedTuple):
    """What a page lists."""

    arrivals: tuple[Arrival, ...] = ()
    """Under the same keys as their calls, so that whatever comes twice counts once."""
    newest: datetime | None = None
    """By the platform's clock, of all that the page lists."""
    further: tuple[str, ...] = ()
    """Cursors of the pages that follow from it."""
    places: tuple[str, ...] = ()
    """Lists of their own that it names: the forms of an account."""


class Beside(NamedTuple):
    """One more thing has to be asked before the page can be understood."""

    request: Request
    read: Callable[[Reply], Found | Beside]


Found = Page | Trouble


class Listing(NamedTuple):
    """How the list is had."""

    places: Callable[[Source], tuple[str, ...]]
    """The lists of a source; an empty one stands for an account that names its own. None at all
    where the configuration does not say which."""
    request: Callable[[Asked, Source], Request]
    read: Callable[[Asked, Source, Reply], Found | Beside]


def newest_of(moments: list[datetime | None]) -> datetime | None:
    """The last of those that are known."""
    return max((moment for moment in moments if moment), default=None)
