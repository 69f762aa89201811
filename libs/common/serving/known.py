"""Heads of requests that were read before: a program sends the same one with each of its posts.

Only its length changes from post to post, and takes some hundred values. Taking a head apart
costs as much as reading what the post says.
"""

from __future__ import annotations

from typing import Final, NamedTuple

MOST: Final = 256
LONGEST: Final = 1024
"""Bytes of a head that is kept: with `MOST` that bounds what strangers can fill."""


class Known(NamedTuple):
    """A head taken apart by the parser, of a request that keeps its connection."""

    method: str
    url: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    """Their names in lower case."""
    length: int
    """Of the body."""


class KnownHeads:
    """By their bytes, so that what was decided of the first holds for the next."""

    def __init__(self) -> None:
        self._heads: dict[bytes, Known] = {}

    def of(self, head: bytes) -> Known | None:
        """What was read of exactly these bytes."""
        return self._heads.get(head)

    def keep(self, head: bytes, known: Known) -> None:
        """Remember it for the next; the oldest goes when there are too many."""
        if len(head) > LONGEST or head in self._heads:
            return
        if len(self._heads) == MOST:
            del self._heads[next(iter(self._heads))]
        self._heads[head] = known
