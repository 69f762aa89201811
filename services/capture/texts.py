"""Bytes from outside made into text, as the door reads them: the desk shows them by the same."""

from __future__ import annotations

from libs.common.bodies.texts import (
    Repaired,
    decoded,
    header_text,
    is_wide,
    known_charset,
    repaired,
)

__all__ = ("Repaired", "decoded", "header_text", "is_wide", "known_charset", "repaired")
