"""What a look at one thing gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, NamedTuple

from libs.common.events.values import Text
from libs.common.settings import Settings

Verdict = Literal["ok", "warn", "fail"]


class Finding(NamedTuple):
    """One thing looked at: how it is, and what to do where it is not well."""

    about: str
    verdict: Verdict
    seen: Text
    advice: Text | None = None


Look = Callable[[Settings], Awaitable[Sequence[Finding]]]
"""Looks at one thing; changes nothing that stays, and never raises for what is missing."""


def ok(about: str, fa: str, en: str) -> Finding:
    """As it should be."""
    return Finding(about, "ok", Text(fa, en))


def warn(about: str, seen: Text, advice: Text) -> Finding:
    """It works, but not well, or not for long."""
    return Finding(about, "warn", seen, advice)


def fail(about: str, seen: Text, advice: Text) -> Finding:
    """It will not work."""
    return Finding(about, "fail", seen, advice)
