"""SQL with named values, as the services write it; the driver counts them ($1, $2)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

_NAME: Final = re.compile(r"(?<![:\w\\]):([A-Za-z_]\w*)(?!:)")


class Statement(NamedTuple):
    """What the driver is given, and the names of its values in the order of their numbers."""

    sql: str
    names: tuple[str, ...]


@lru_cache(maxsize=1024)
def text(written: str) -> Statement:
    r"""The statement with each `:name` numbered, read once for the same text.

    A name that comes twice is one value; `::` is a cast, and `\:` a colon.
    """
    names: dict[str, int] = {}
    sql = _NAME.sub(lambda found: f"${names.setdefault(found[1], len(names) + 1)}", written)
    return Statement(sql.replace("\\:", ":"), tuple(names))
