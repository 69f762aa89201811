"""QR codes as pictures, for paper and for screens (ISO/IEC 18004, by segno)."""

from __future__ import annotations

import io
from typing import Final, Literal

Shape = Literal["svg", "png"]
SHAPES: Final[dict[Shape, bytes]] = {"svg": b"image/svg+xml; charset=utf-8", "png": b"image/png"}
"""What each is to HTTP."""
_DOT: Final[dict[Shape, int]] = {"svg": 8, "png": 24}
"""Pixels of one dot; a PNG is to be printed as wide as a hand."""
_EDGE: Final = 4
"""Dots of white around it; the standard asks for as many."""


def code_url(public: str, code: str) -> str:
    """What a code says: the address at which capture notes the scan and sends on."""
    return f"{public.rstrip('/')}/q/{code}"


def draw(url: str, title: str, shape: Shape) -> bytes:
    """The picture: a seventh of it may be dirty or torn (level M)."""
    import segno  # noqa: PLC0415 - capture and the desk draw few, and start without

    out = io.BytesIO()
    more = {"title": title, "xmldecl": True} if shape == "svg" else {}
    code = segno.make(url, micro=False, error="m")
    code.save(out, kind=shape, scale=_DOT[shape], border=_EDGE, **more)
    return out.getvalue()
