"""By which way a touch came: paid, search, social, referral or direct."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import urlsplit

Channel = Literal["paid", "organic", "social", "referral", "direct"]

_PAID: Final = frozenset({"cpc", "ppc", "cpm", "cpv", "paid", "display", "banner", "retargeting"})
_NAMED: Final[dict[str, Channel]] = {
    "organic": "organic",
    "social": "social",
    "referral": "referral",
}
_PAID_IDS: Final = frozenset(
    {
        "gclid",
        "gbraid",
        "wbraid",
        "fbclid",
        "ttclid",
        "msclkid",
        "li_fat_id",
        "sccid",
        "twclid",
        "ctwa_clid",
    }
)
_SEARCH: Final = re.compile(
    r"(?:^|\.)(?:google|bing|yahoo|duckduckgo|yandex|ecosia|baidu|zarebin|gerdoo)\."
)
_SOCIAL: Final = re.compile(
    r"(?:^|\.)(?:instagram|facebook|linkedin|twitter|x|t|telegram|youtube|pinterest|tiktok|aparat|"
    r"eitaa|bale|rubika|virasty|wa|whatsapp)\.(?:com|co|me|org|ir|ai|net)$"
)


def channel(attribution: Mapping[str, Any]) -> Channel:
    """The way, from strongest sign to weakest: click ids, the campaign's medium, the referrer."""
    clicks = attribution.get("click_ids") or {}
    medium = _medium(attribution.get("utm") or {})
    if attribution.get("ad") or _PAID_IDS & clicks.keys() or medium in _PAID:
        return "paid"
    if medium in _NAMED:
        return _NAMED[medium]
    host = _host(attribution.get("referrer"))
    if not host or host == _host(f"//{attribution.get('page') or ''}"):
        return "direct"
    if _SEARCH.search(host):
        return "organic"
    return "social" if _SOCIAL.search(host) else "referral"


def _medium(utm: Mapping[str, Any]) -> str:
    return str(utm.get("medium") or utm.get("utm_medium") or "").strip().lower()


def _host(url: object) -> str:
    try:
        host = urlsplit(str(url or "")).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")
