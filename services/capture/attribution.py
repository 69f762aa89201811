"""Where a submission came from: page of origin, campaign, click ids, visitor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from libs.common.events import Attribution
from services.capture.names import text_of
from services.capture.texts import repaired

CLICK_IDS: Final = (
    "gclid", "gbraid", "wbraid", "fbclid", "ttclid", "ScCid", "li_fat_id", "msclkid",
    "_fbp", "_fbc",
)  # fmt: skip
_UTM: Final = ("source", "medium", "campaign", "term", "content", "id")
_LONGEST: Final = 512
_LONGEST_URL: Final = 2048
FLAT: Final = frozenset(
    {"page_url", "referrer", "visitor_id", "_sn", *CLICK_IDS, *(f"utm_{part}" for part in _UTM)}
)


class Origins(NamedTuple):
    """What is known of the page beside what the form says."""

    referer: str | None = None
    page: str | None = None
    """As configured, for where nothing better is known."""


def attributed(values: Mapping[str, Any], origins: Origins) -> tuple[Attribution, dict[str, Any]]:
    """The attribution of a flat form, and the fields that are not part of it."""
    page = page_of(text_of(values.get("page_url")), origins)
    query = _query(page)
    given = {name: text_of(values.get(name)) or query.get(name, "") for name in FLAT}
    attribution = Attribution(
        page_url=page,
        referrer=_short(text_of(values.get("referrer")), _LONGEST_URL),
        utm={part: _cut(given[f"utm_{part}"]) for part in _UTM if given[f"utm_{part}"]},
        click_ids={name: _cut(given[name]) for name in CLICK_IDS if given[name]},
        qr=_short(given["_sn"]),
        visitor_id=_short(text_of(values.get("visitor_id")), 128),
    )
    return attribution, {name: value for name, value in values.items() if name not in FLAT}


def page_of(said: str, origins: Origins) -> str | None:
    """The page of origin: what the form says, else a Referer with a path, else as configured.

    Browsers cut a Referer to the origin across sites, so one without a path says little.
    """
    if said:
        return said[:_LONGEST_URL]
    path = _path(origins.referer)
    if path is None or path.startswith("/v1/forms/"):  # our own page of what is missing
        return origins.page
    if path.strip("/") or not origins.page:
        return (origins.referer or "")[:_LONGEST_URL]
    return origins.page


def _path(url: str | None) -> str | None:
    try:
        return urlsplit(url).path if url else None
    except ValueError:
        return None


def _query(page: str | None) -> dict[str, str]:
    if not page or "?" not in page:
        return {}
    query = page.partition("?")[2].partition("#")[0]
    pairs = parse_qsl(query, errors="replace", separator="&")[:100]
    return {name: repaired(value).text for name, value in pairs}


def _cut(text: str) -> str:
    return text[:_LONGEST]


def _short(text: str, most: int = _LONGEST) -> str | None:
    return text[:most] or None
