"""Where a lead came from, as rows for people: the first time, and the last where that differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from services.desk.reading.answers import readable

_UTM: Final = ("campaign", "source", "medium", "term", "content")
_AD: Final = ("campaign_name", "adset_name", "adgroup_name", "ad_name", "creative_name")
_AD_IDS: Final = ("campaign_id", "adset_id", "adgroup_id", "ad_id", "creative_id", "form_id")
"""Shown only where the platform gives no names."""
_LONGEST_CLICK: Final = 24


class Came(NamedTuple):
    """One touch: the phrase above it (none while there is one only), when, and its rows."""

    title: str | None
    at: str | None
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """The phrase of each row, and its values."""


def origins(lead: Mapping[str, Any], codes: Mapping[str, str]) -> list[Came]:
    """The ways by which a lead, in the API's shape, came; `codes` are QR codes' labels."""
    known = lead["attribution"]
    first = _rows(known["first"] or known, codes, lead["page"])
    last = _rows(known["last"] or known, codes)
    if not last or last == first or set(last) <= set(first):
        return [Came(None, None, first)]
    return [
        Came("came_first", known["first"]["at"], first),
        Came("came_last", known["last"]["at"], last),
    ]


def _rows(
    touch: Mapping[str, Any], codes: Mapping[str, str], page: str | None = None
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    rows = (
        ("page", _texts(touch["page"] or touch["page_url"] or page)),
        ("came_by_code", _texts(codes.get(touch["qr"] or "", touch["qr"]))),
        ("campaign", tuple(_chosen(touch["utm"], _UTM))),
        ("came_by_ad", tuple(_chosen(touch["ad"], _AD) or _chosen(touch["ad"], _AD_IDS))),
        ("referrer", _texts(touch["referrer"])),
        ("came_by_click", tuple(_clicks(touch["click_ids"]))),
    )
    return tuple((name, values) for name, values in rows if values)


def _texts(value: Any) -> tuple[str, ...]:
    shown = readable(value)
    return (shown,) if shown else ()


def _chosen(values: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    return [shown for name in names if (shown := readable(values.get(name)))]


def _clicks(values: Mapping[str, Any]) -> Iterator[str]:
    """By name, and so much of each that two can be told apart."""
    for name, value in values.items():
        shown = readable(value)
        cut = shown if len(shown) <= _LONGEST_CLICK else f"{shown[:_LONGEST_CLICK]}…"
        if shown:
            yield f"{name} {cut}"
