"""Signs of a bot. A sign holds a submission for review; none of them ever drops it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from libs.common.configuration.schema import Form
from libs.common.normal.names import text_of

CAPTCHAS: Final = (
    "cf-turnstile-response",
    "h-captcha-response",
    "g-recaptcha-response",
    "altcha",
)
FASTEST: Final = 800
"""Milliseconds from render to send that a human needs at least."""
_SHORTEST_ANSWER: Final = 20
"""A captcha's answer is a long token; what is shorter is nothing, or the name of an error."""


def signs_of(values: Mapping[str, Any], form: Form, *, foreign: bool) -> tuple[str, ...]:
    """What speaks against a human, in a fixed order."""
    found = {
        "honeypot": bool(form.honeypot and text_of(values.get(form.honeypot))),
        "too_fast": bool(form.elapsed and _too_fast(text_of(values.get(form.elapsed)))),
        "foreign_origin": foreign,
        "captcha_failed": any(
            len(text_of(values[name])) < _SHORTEST_ANSWER for name in CAPTCHAS if name in values
        ),
    }
    return tuple(sign for sign, seen in found.items() if seen)


def _too_fast(text: str) -> bool:
    try:
        elapsed = float("".join(_digit(letter) for letter in text[:20]))
    except ValueError:
        return False
    return 0 <= elapsed < FASTEST


def _digit(letter: str) -> str:
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)
