"""Which language whoever started the program reads."""

from __future__ import annotations

import os

from libs.common.events.values import Text


def language() -> str:
    """Give "fa" where the terminal's locale says Persian, else "en"."""
    named = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "fa" if next(filter(None, named), "").startswith("fa") else "en"


def spoken(text: Text) -> str:
    """The sentence in that language."""
    return text.of(language())
