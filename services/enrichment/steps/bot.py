"""Signs that no human sent this: reasons to hold it, never to drop it."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

import crawleruseragents
import msgspec

from libs.common.events import Text
from services.enrichment.draft import Draft

# Programs that post for a human (a site's own server, a script, a test browser) name themselves
# too; only what crawls on its own account is a sign.
_FOR_HUMANS: Final = frozenset({"http-library", "browser-automation"})
_SITES_OWN: Final = "WordPress"
_LONGEST_AGENT: Final = 500

_WORDS: Final = {
    "honeypot": Text(fa="فیلد پنهان پر شده بود", en="the hidden field was filled"),
    "too_fast": Text(fa="فرم خیلی سریع فرستاده شد", en="the form was sent too fast"),
    "foreign_origin": Text(fa="از سایت دیگری فرستاده شد", en="it was sent from another site"),
    "captcha_failed": Text(fa="کپچا درست نبود", en="the captcha failed"),
    "rate": Text(fa="از یک شبکه پشت سر هم فرستاده شد", en="many came from one network"),
    "crawler": Text(fa="فرستنده خودش را ربات معرفی کرد", en="the sender calls itself a robot"),
}


@cache
def _crawlers() -> re.Pattern[str]:
    return re.compile(
        "|".join(
            crawler["pattern"]
            for crawler in crawleruseragents.CRAWLER_USER_AGENTS_DATA
            if not _FOR_HUMANS & set(crawler.get("tags", ()))
            and _SITES_OWN not in crawler["pattern"]
        )
    )


@lru_cache(maxsize=4096)
def is_crawler(agent: str) -> bool:
    """Whether a user agent is one of a known robot that crawls on its own account."""
    return _crawlers().search(agent) is not None


def look_for_bots(draft: Draft, _country: str) -> Draft:
    """Collect capture's signs and our own, and name them."""
    captured = draft.captured
    agent = (captured.client.user_agent or "")[:_LONGEST_AGENT]
    crawler = captured.kind == "form" and bool(agent) and is_crawler(agent)
    signs = tuple(dict.fromkeys((*captured.signs, *(("crawler",) if crawler else ()))))
    if not signs:
        return draft
    words = [_WORDS.get(sign, Text(fa=sign, en=sign)) for sign in signs]
    draft = msgspec.structs.replace(draft, signs=signs).finding(signs=list(signs))
    return draft.noting(
        "bot_signs",
        f"نشانه‌های ربات بودن: {'؛ '.join(word.fa for word in words)}.",
        f"Signs of a bot: {'; '.join(word.en for word in words)}.",
        signs=list(signs),
    )
