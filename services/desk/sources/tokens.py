"""How long the access token of a source has, in words."""

from __future__ import annotations

from libs.common.events import Text
from libs.common.expiring import Expiry
from libs.common.normal.text import persian


def left_of(token: Expiry) -> Text:
    """The days that are left; also of one that has ended."""
    days = abs(token.left)
    one = "day" if days == 1 else "days"
    if token.left < 0:
        return Text(
            f"رمز دسترسی {persian(days)} روز پیش تمام شد",
            f"its access token ended {days} {one} ago",
        )
    if not days:
        return Text("رمز دسترسی امروز تمام می‌شود", "its access token ends today")
    return Text(
        f"رمز دسترسی {persian(days)} روز دیگر تمام می‌شود", f"its access token ends in {days} {one}"
    )
