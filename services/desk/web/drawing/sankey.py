"""A flow from patterns to teams as shapes: pure, drawn by the template as plain SVG."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final, NamedTuple

WIDTH: Final = 720
_NODE: Final = 10
_LABEL: Final = 250
"""Room for the words at the beginning of the flow; teams' names need less."""
_TEAM: Final = 150
_ROW: Final = 28
_BODY: Final = 260
"""What all leads together are high, beside a row's least height for each."""


class Stream(NamedTuple):
    """So many leads from one place to one team; `is_lost` where no pattern sent them."""

    label: str
    team: str
    leads: int
    is_lost: bool = False


class Node(NamedTuple):
    """A bar with its words: the bar's corner and height, the words' place and anchor."""

    label: str
    leads: int
    x: float
    y: float
    height: float
    text_x: float
    anchor: str
    is_lost: bool


class Ribbon(NamedTuple):
    """What flows between two bars, as an SVG path along its middle."""

    path: str
    width: float
    is_lost: bool
    title: str


class Sankey(NamedTuple):
    """The whole picture."""

    width: int
    height: float
    sources: tuple[Node, ...]
    teams: tuple[Node, ...]
    ribbons: tuple[Ribbon, ...]


def sankey(streams: Sequence[Stream], *, rtl: bool) -> Sankey:
    """The picture of these streams in their order, from the reading side to the other."""
    total = sum(stream.leads for stream in streams) or 1
    scale = _BODY / total
    here, there = _LABEL, WIDTH - _TEAM - _NODE

    def at(x: float, width: float = 0) -> float:
        return WIDTH - x - width if rtl else x

    order = list(dict.fromkeys(stream.team for stream in streams))
    sizes: dict[str, int] = defaultdict(int)
    for stream in streams:
        sizes[stream.team] += stream.leads
    tops: dict[str, float] = {}
    y = 0.0
    for team in order:
        tops[team] = y + (_ROW - min(_ROW, sizes[team] * scale)) / 2
        y += max(_ROW, sizes[team] * scale) + 8
    bottom = y
    teams = tuple(
        Node(
            team, sizes[team], at(there, _NODE), tops[team], max(2.0, sizes[team] * scale),
            at(there + _NODE + 8), "end" if rtl else "start", is_lost=False,
        )
        for team in order
    )  # fmt: skip
    sources, ribbons, y = [], [], 0.0
    for stream in streams:
        size = max(2.0, stream.leads * scale)
        top = y + (_ROW - min(_ROW, size)) / 2
        sources.append(
            Node(
                stream.label, stream.leads, at(here - _NODE, _NODE), top, size,
                at(here - _NODE - 8), "start" if rtl else "end", stream.is_lost,
            )
        )  # fmt: skip
        ribbons.append(_ribbon(stream, (at(here), top), (at(there), tops[stream.team]), size))
        tops[stream.team] += stream.leads * scale
        y += max(_ROW, size) + 4
    height = round(max(y, bottom))
    return Sankey(WIDTH, height, tuple(sources), teams, tuple(ribbons))


def _ribbon(
    stream: Stream, start: tuple[float, float], end: tuple[float, float], size: float
) -> Ribbon:
    (x, y), (to_x, to_y) = start, end
    y, to_y = y + size / 2, to_y + size / 2
    middle = (x + to_x) / 2
    path = f"M{x:.1f} {y:.1f}C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
    return Ribbon(path, round(size, 1), stream.is_lost, f"{stream.label}: {stream.leads}")
