"""How the file of an import is read: as it is kept, under what is said of it, some rows a time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import msgspec

from services.desk.imports.check import Judged
from services.desk.imports.choice import Choice
from services.desk.imports.columns import Column
from services.desk.imports.judge import Reading
from services.desk.imports.table import Shape

Row = dict[str, Any]


def shape_of(job: Row) -> Shape:
    """How the import's file is read."""
    return msgspec.convert(job["shape"], Shape)


def reading(shape: Shape, choice: Choice, region: str, salt: bytes) -> Reading:
    """How its rows are read."""
    holds = choice.assigned(itertools.starmap(Column, shape.columns))
    return Reading(shape.names, holds, choice.source, region, salt)


def named(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """The cells in which something stands, by their columns' names."""
    return {name: cell for name, cell in zip(names, cells, strict=False) if cell.strip()}


async def slices(found: Iterator[Judged], size: Callable[[], int]) -> AsyncIterator[list[Judged]]:
    """As many at a time as `size` says then, read beside the loop."""
    while part := await asyncio.to_thread(lambda: list(itertools.islice(found, size()))):
        yield part
