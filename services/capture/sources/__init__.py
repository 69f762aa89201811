"""The kinds of webhooks: one file each, one tuple."""

from __future__ import annotations

from typing import Final

from services.capture.sources.contract import Arrival, Kind, Knock
from services.capture.sources.google_ads import GOOGLE_ADS
from services.capture.sources.json_any import JSON
from services.capture.sources.meta import META
from services.capture.sources.standard import STANDARD
from services.capture.sources.telegram import TELEGRAM

__all__ = ["KINDS", "SOURCES", "Arrival", "Kind", "Knock"]

SOURCES: Final[tuple[Kind, ...]] = (STANDARD, META, GOOGLE_ADS, TELEGRAM, JSON)

KINDS: Final = {kind.kind: kind for kind in SOURCES}
