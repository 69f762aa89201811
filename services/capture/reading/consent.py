"""What a form says about consent, kept as it was said."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from libs.common.normal.text import fold

_LONGEST: Final = 200
_PARTS: Final = re.compile(r"[\W_]+")
_FIRST: Final = frozenset({"consent", "acceptance", "gdpr", "agree", "رضایتنامه"})
_ANYWHERE: Final = frozenset({"consent", "موافقم", "میپذیرم"})
_RUN_TOGETHER: Final = ("consent", "gdpr", "optin")
_SATISFACTION: Final = "از"
"""«رضایت از …» is how content somebody is with something."""


@lru_cache(maxsize=1024)
def is_consent(name: str) -> bool:
    """Whether a field of this name is a box of consent, in the usual names of both languages."""
    if len(name) > _LONGEST:
        return False
    words = [word for word in _PARTS.split(fold(name)) if word]
    if not words:
        return False
    if words[0] == "رضایت":
        return _SATISFACTION not in words
    return (
        words[0] in _FIRST
        or not _ANYWHERE.isdisjoint(words)
        or "".join(words).startswith(_RUN_TOGETHER)
    )


def consented(values: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Every field that is a box of consent (`consent` alone as its value), and the rest."""
    said = {name: value for name, value in values.items() if is_consent(name)}
    if not said:
        return None, dict(values)
    rest = {name: value for name, value in values.items() if name not in said}
    if len(said) == 1 and "consent" in said:
        return said["consent"], rest
    return said, rest
