"""What is wrong with an action's form, as people need it, in both languages."""

from __future__ import annotations

from typing import Final

from pydantic import ValidationError

from libs.common.events import Text
from libs.common.normal.text import persian

_UNKNOWN: Final = Text("این درخواست خوانا نبود", "the request could not be read")
_ODD: Final = {
    "reason": Text("دلیل را بنویسید", "write the reason"),
    "text": Text("یادداشت خالی است", "the note is empty"),
    "until": Text("زمان درستی نیست", "that is no right time"),
    "amount": Text(
        "مبلغ را با عدد و از صفر به بالا بنویسید", "write the amount as a number, from zero up"
    ),
    "specialist": Text(
        "بگویید به چه کسی یا کدام تیم برسد", "say to whom, or to which team, it goes"
    ),
}
_ASKED: Final = {"decline": "reason", "lost": "reason", "note": "text", "reassign": "specialist"}
"""What an action cannot be without."""


def words_of(error: ValidationError, action: str) -> Text:
    """The first thing that is wrong with the form of `action`; never what was typed."""
    first = error.errors(include_url=False)[0]
    if not first["loc"]:  # the action as a whole: something is missing
        return _ODD.get(_ASKED.get(action, ""), _UNKNOWN)
    if first["type"].endswith("too_long"):
        most = first["ctx"]["max_length"]
        return Text(f"حداکثر {persian(most)} نویسه بنویسید", f"write at most {most} characters")
    return _ODD.get(str(first["loc"][0]), _UNKNOWN)


def unknown(key: str) -> Text:
    """A team or specialist whom the configuration does not have."""
    return Text(
        f"{key} در پیکربندی نیست؛ صفحه را تازه کنید",
        f"{key} is not in the configuration; reload the page",
    )
