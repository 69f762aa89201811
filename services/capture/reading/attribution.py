"""Where a submission came from: page of origin, campaign, click ids, visitor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote_plus, urlsplit

from libs.common.bodies.texts import repaired
from libs.common.events import Attribution
from libs.common.normal.names import text_of
from libs.common.normal.page import normal_page

CLICK_IDS: Final = (
    "gclid", "gbraid", "wbraid", "fbclid", "ttclid", "ScCid", "li_fat_id", "msclkid",
    "_fbp", "_fbc",
)  # fmt: skip
_UTM: Final = {
    f"utm_{part}": part for part in ("source", "medium", "campaign", "term", "content", "id")
}
_LONGEST: Final = 512
_LONGEST_URL: Final = 2048
SCAN: Final = "_sn"
"""The parameter that carries the token of a QR code's scan."""
FLAT: Final = frozenset({"page_url", "referrer", "visitor_id", SCAN, *CLICK_IDS, *_UTM})

_HOST: Final = re.compile(r"https?://[A-Za-z0-9.:-]{1,253}(?=[/?#]|\Z)")
_IN_QUERY: Final = frozenset({SCAN, *CLICK_IDS, *_UTM})


class Origins(NamedTuple):
    """What is known of the page beside what the form says."""

    referer: str | None = None
    page: str | None = None
    """As configured, for where nothing better is known."""
    origin: str | None = None
    """Where a script or browser says it posts from: the host of a page given by its path."""


def attributed(values: Mapping[str, Any], origins: Origins) -> tuple[Attribution, dict[str, Any]]:
    """The attribution of a flat form, and the fields that are not part of it.

    A page that was not taken as it was sent is among the latter.
    """
    said: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for name, value in values.items():
        if name in FLAT:
            said[name] = value.strip() if type(value) is str else text_of(value)
        else:
            rest[name] = value
    sent = said.get("page_url", "")[:_LONGEST_URL]
    page = page_of(sent, origins)
    given = _query(origins.referer[:_LONGEST_URL]) if origins.referer else {}
    given |= _query(page)
    if page != sent:
        given |= _query(sent)
    given |= {name: text for name, text in said.items() if text}
    names = given.keys()
    clicked = () if names.isdisjoint(CLICK_IDS) else CLICK_IDS
    campaign = () if names.isdisjoint(_UTM) else _UTM.items()
    attribution = Attribution(
        page_url=page,
        referrer=_short(said.get("referrer"), _LONGEST_URL),
        utm={part: given[utm][:_LONGEST] for utm, part in campaign if utm in given},
        click_ids={name: given[name][:_LONGEST] for name in clicked if name in given},
        scan=_short(given.get(SCAN), 64),
        visitor_id=_short(said.get("visitor_id"), 128),
    )
    if sent and page != sent:
        rest["page_url"] = values["page_url"]
    return attribution, rest


def page_of(said: str, origins: Origins) -> str | None:
    """The page of origin: what the form says, else a Referer with a path, else as configured.

    What cannot be read as a page counts for nothing, or it would hide the next best. Browsers
    cut a Referer to the origin across sites, so one without a path says little.
    """
    if _is_page(said):
        return said
    path = _path(origins.referer)
    ours = path is not None and path.startswith("/v1/forms/")  # our own page of what is missing
    referer = None if ours else origins.referer
    if said.startswith("/"):
        host = _origin(referer) or _origin(origins.origin)
        if host and _is_page(host + said):
            return host + said
    short = (referer or "")[:_LONGEST_URL]
    if _is_page(short) and ((path or "").strip("/") or not origins.page):
        return short
    return origins.page


def _is_page(url: str) -> bool:
    """Whether `normal_page` finds a page in it, which its beginning alone decides.

    What is not plain ASCII is read whole, as text may be folded anywhere in it.
    """
    host = _HOST.match(url) if url.isascii() and len(url) <= _LONGEST_URL else None
    return _is_host(host[0]) if host else normal_page(url) is not None


@lru_cache(1024)
def _is_host(url: str) -> bool:
    return normal_page(url) is not None


def _origin(url: str | None) -> str | None:
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else None


def _path(url: str | None) -> str | None:
    try:
        return urlsplit(url).path if url else None
    except ValueError:
        return None


def _query(page: str | None) -> dict[str, str]:
    """What the page's own query says of campaign, click and scan."""
    found: dict[str, str] = {}
    if not page or "?" not in page:
        return found
    for part in page.partition("?")[2].partition("#")[0].split("&"):
        name, _, value = part.partition("=")
        if name in _IN_QUERY and name not in found:
            text = value if value.isalnum() else repaired(unquote_plus(value)).text
            if text:
                found[name] = text
    return found


def _short(text: str | None, most: int = _LONGEST) -> str | None:
    return text[:most] or None if text else None
