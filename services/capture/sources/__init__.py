"""The kinds of webhooks: one file each, one tuple."""

from __future__ import annotations

from typing import Final

from services.capture.sources.contract import Arrival, Kind, Knock
from services.capture.sources.standard import Standard

__all__ = ["KINDS", "SOURCES", "Arrival", "Kind", "Knock"]

SOURCES: Final[tuple[Kind, ...]] = (Standard(),)

KINDS: Final = {kind.kind: kind for kind in SOURCES}
