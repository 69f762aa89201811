"""Signs that no human sent this: reasons to hold it, never to drop it."""

from __future__ import annotations

from typing import Final

import msgspec

from libs.common.events import Text
from libs.common.normal.agent import is_crawler
from services.enrichment.draft import Draft
from services.enrichment.verdict import TOO_MANY

_WORDS: Final = {
    "honeypot": Text(fa="فیلد پنهان پر شده بود", en="the hidden field was filled"),
    "too_fast": Text(fa="فرم خیلی سریع فرستاده شد", en="the form was sent too fast"),
    "foreign_origin": Text(fa="از سایت دیگری فرستاده شد", en="it was sent from another site"),
    "captcha_failed": Text(fa="کپچا درست نبود", en="the captcha failed"),
    "rate": Text(fa="از یک شبکه پشت سر هم فرستاده شد", en="many came from one network"),
    "crawler": Text(fa="فرستنده خودش را ربات معرفی کرد", en="the sender calls itself a robot"),
}


def look_for_bots(draft: Draft, _country: str) -> Draft:
    """Collect capture's signs and our own, and name them."""
    captured = draft.captured
    agent = captured.client.user_agent or ""
    by_browser = captured.kind == "form" or captured.source_kind in ("site", "qr")
    crawler = by_browser and bool(agent) and is_crawler(agent)
    signs = tuple(dict.fromkeys((*captured.signs, *(("crawler",) if crawler else ()))))
    if not signs:
        return draft
    words = [_WORDS.get(sign, Text(fa=sign, en=sign)) for sign in signs]
    draft = msgspec.structs.replace(draft, signs=signs).finding(signs=list(signs))
    if signs == TOO_MANY:
        word = words[0]
        return draft.noting("too_many_posts", f"{word.fa}.", f"{word.en.capitalize()}.")
    return draft.noting(
        "bot_signs",
        f"نشانه‌های ربات بودن: {'؛ '.join(word.fa for word in words)}.",
        f"Signs of a bot: {'; '.join(word.en for word in words)}.",
        signs=list(signs),
    )
