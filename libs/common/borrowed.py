"""Lists that others publish as Python modules: read, and let go of again.

Loaded they are tens of thousands of objects, of which each process would keep every one.
"""

from __future__ import annotations

import importlib
import sys
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

Made = TypeVar("Made")


def borrowed(module: str, make: Callable[[Any], Made]) -> Made:
    """What is made of a module, which nobody else may use, and which is forgotten then."""
    made = make(importlib.import_module(module))
    for name in [name for name in sys.modules if name.partition(".")[0] == module]:
        del sys.modules[name]
    return made


class Names:
    """A set of names in eight bytes each: their hashes, in order.

    That two names of a hundred thousand share one has a chance of one in four thousand million.
    """

    def __init__(self, *names: Iterable[str]) -> None:
        self._hashes = array("q", sorted({hash(name) for some in names for name in some}))

    def __contains__(self, name: str) -> bool:
        wanted = hash(name)
        place = bisect_left(self._hashes, wanted)
        return place < len(self._hashes) and self._hashes[place] == wanted

    def __len__(self) -> int:
        return len(self._hashes)
