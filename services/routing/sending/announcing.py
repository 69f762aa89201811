"""What those who answer for teams hear of sources; `apart.py` sends it.

What reaches nobody shows at the desk all the same.
"""

from __future__ import annotations

from typing import Final

from libs.common.configuration import Active
from libs.common.database import Transaction
from libs.common.runtime import Runtime
from services.routing.messages.message import Message, Surroundings
from services.routing.sending import announcement, hush, standstill
from services.routing.sending.managers import is_known, is_told
from services.routing.store import announcements, reliefs, silences, standstills
from services.routing.store.announcements import Announced
from services.routing.store.apart import Apart, Claimed
from services.routing.store.reliefs import Relieved
from services.routing.store.silences import Hushed
from services.routing.store.standstills import Standstill

LOOK_SECONDS: Final = 5.0
"""Nobody waits for these to the second."""


class _OfSources:
    """They are planned by the stage, and nothing follows from them."""

    every = LOOK_SECONDS

    async def before(self) -> None:
        """Nothing is planned here."""

    async def follow(self, tx: Transaction, one: Apart, active: Active) -> None:
        """Nothing follows."""

    async def after(self) -> None:
        """Nobody else is told."""


class TokenEnds(_OfSources):
    """That a source's access token ends."""

    name = "announcement"
    claims = announcements.CLAIMS

    def compose(self, claimed: Claimed[Announced], around: Surroundings) -> Message | None:
        """None where another token is there by now, or the next level's message says the same."""
        one = claimed.one
        ends = announcement.still_ends(one, around.content, claimed.at)
        return None if ends is None or one.is_outdone else announcement.compose(one, around, ends)


class SourceSilent(_OfSources):
    """That a source has gone quiet."""

    name = "silence"
    claims = silences.CLAIMS

    def compose(self, claimed: Claimed[Hushed], around: Surroundings) -> Message | None:
        """None where it was heard again, or is not configured any more."""
        one = claimed.one
        is_news = not one.is_over and is_known(one.source, around.content)
        return hush.compose(one, around, claimed.at) if is_news else None


class SourceHeardAgain(_OfSources):
    """That a source whose silence was told is heard again."""

    name = "relief"
    claims = reliefs.CLAIMS

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def before(self) -> None:
        """Whoever was told of a silence is told of its end, once that message is settled."""
        async with self._runtime.database.transaction() as tx:
            await reliefs.plan(tx)

    def compose(self, claimed: Claimed[Relieved], around: Surroundings) -> Message | None:
        """None where it has gone quiet again, or that is no matter of its reader's any more."""
        one, content = claimed.one, around.content
        is_theirs = is_known(one.source, content) and is_told(one.recipient, content)
        is_news = is_theirs and not one.is_outdone
        return hush.compose_relief(one, around) if is_news else None


class TokenRefused(_OfSources):
    """That a platform gives nothing out for a source."""

    name = "standstill"
    claims = standstills.CLAIMS

    def compose(self, claimed: Claimed[Standstill], around: Surroundings) -> Message | None:
        """None where it goes on, is told already, or is not configured any more."""
        one = claimed.one
        is_news = not one.is_over and not one.is_told and is_known(one.source, around.content)
        return standstill.compose(one, around) if is_news else None
