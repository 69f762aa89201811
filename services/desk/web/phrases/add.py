"""What the page says on which staff put in a call or a walk-in."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {}
