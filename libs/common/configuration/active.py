"""Which configuration is in force: a row in Postgres with a version, fed by the file."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from libs.common.configuration.schema import Configuration


class Active(NamedTuple):
    """A configuration and its version (0: from the file, not yet stored)."""

    version: int
    content: Configuration


class Configurations(Protocol):
    """The configuration now in force."""

    def from_file(self) -> Active:
        """What the file says (the last valid one); capture decides by this, database or not."""
        ...

    async def in_force(self, tx: AsyncConnection) -> Active:
        """What the stored row says, read in the slice's own transaction (cached by version)."""
        ...
