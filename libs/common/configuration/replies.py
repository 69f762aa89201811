"""What a source answers by itself to whoever begins a chat; `true` stands for these sentences."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from libs.common.configuration.parts import Part

LONGEST: Final = 1000
"""UTF-8 bytes of a sentence: what the narrowest channel takes (Instagram)."""
DEFAULT: Final[dict[str, Any]] = {
    "fa": "سلام! پیام شما به دست ما رسید. یکی از همکاران به‌زودی پاسخ می‌دهد.",
    "en": "Hello! Your message has reached us. A colleague will answer you soon.",
    "outside_hours": {
        "fa": "سلام! پیام شما به دست ما رسید. اکنون تعطیل هستیم و با شروع ساعت کاری پاسخ می‌دهیم.",
        "en": "Hello! Your message has reached us. We are closed and will answer when we are back.",
    },
}


class Sentences(Part):
    """The same in one language or both."""

    fa: str | None = None
    en: str | None = None

    def of(self, language: str) -> str | None:
        """The sentence in `language`, else the other one."""
        mine, other = (self.fa, self.en) if language == "fa" else (self.en, self.fa)
        return mine or other


def _both(value: Any) -> Any:
    return {"fa": value, "en": value} if isinstance(value, str) else value


class AutoReply(Sentences):
    """Sentences for working hours; outside them the others, where there are any."""

    outside_hours: Annotated[Sentences | None, BeforeValidator(_both)] = None

    def saying(self, language: str, *, is_open: bool) -> str | None:
        """What to say now."""
        closed = None if is_open or self.outside_hours is None else self.outside_hours
        return (closed.of(language) if closed else None) or self.of(language)


def _written(value: Any) -> Any:
    if isinstance(value, bool):
        return DEFAULT if value else None
    return _both(value)


Answered = Annotated[AutoReply | None, BeforeValidator(_written)]
"""`true`, a text for both languages, or sentences."""
