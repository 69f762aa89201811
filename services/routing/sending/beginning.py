"""Notes that messages are being written, right before they are (delivery rule 20).

A claim that lapsed before that was never more than a plan, and is simply sent again. Notes of
one moment share a statement: while one is under way, others gather.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from libs.common.database import Database
from libs.common.errors import Retry
from libs.common.failpoints import fail_point
from libs.common.together import Together
from services.routing.store import sending

Claim = tuple[str, str]
"""A notification and the token under which it is ours."""
NOTE_SECONDS: Final = 3.0
"""A database that is slower than this is away; then nothing is written."""
_AT_ONCE: Final = 200


class Beginnings:
    """The notes of one process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = Together(self._note, most=_AT_ONCE)

    async def note(self, notification_id: str, token: str) -> bool:
        """Whether it may be written now: False where the claim is lost, or that is not known."""
        return await self._together.ask((notification_id, token))

    async def _note(self, asked: Sequence[Claim]) -> Sequence[bool]:
        try:
            async with asyncio.timeout(NOTE_SECONDS), self._database.transaction() as tx:
                begun = await sending.begin(tx, set(asked))
        except (Retry, TimeoutError):
            return [False] * len(asked)
        fail_point("routing.begun")
        return [claim in begun for claim in asked]
