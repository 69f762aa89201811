"""What a form may arrive as, as the door reads it: the desk shows what came by the same."""

from __future__ import annotations

from libs.common.bodies import Filled, Unreadable, media_type, parse, plain, reader_of

__all__ = ("Filled", "Unreadable", "media_type", "parse", "plain", "reader_of")
