"""The script of landing pages: small sources in order, put together once.

They are one program in one function, so that nothing but `sarnakh` is added to a page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

PARTS: Final = ("place", "origin", "sending", "telling", "forms", "begin")
"""In the order in which each needs what was said before."""

_FOLDER: Final = Path(__file__).parent
_BEFORE: Final = '(()=>{"use strict";if(window.sarnakh&&window.sarnakh.consent)return;'
_AFTER: Final = "})();\n"
_TOKEN: Final = re.compile(
    r"""(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"|//[^\n]*"
    r"|\s*(?P<mark>[{}()\[\],;:=<>?&|+*!])\s*"
    r"|(?P<space>\s+)"
)
"""What may be shortened. The sources hold to what this can read: every statement ends with its
semicolon, no text goes over several lines, no pattern has a space or two slashes in it."""


def source() -> str:
    """The program as a browser gets it: without what only its readers need."""
    whole = "\n".join((_FOLDER / f"{name}.js").read_text("utf-8") for name in PARTS)
    return _BEFORE + _TOKEN.sub(_short, _TOKEN.sub(_without_comment, whole)) + _AFTER


def _without_comment(found: re.Match[str]) -> str:
    return "" if found[0].startswith("//") else found[0]


def _short(found: re.Match[str]) -> str:
    return found["text"] or found["mark"] or " "
