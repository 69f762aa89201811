"""Why nothing is fetched for a source, in words: by what its platform says that we lack."""

from __future__ import annotations

from typing import Final, Literal

from libs.common.events import Text

Lack = Literal["token", "right", "sight", "version"]
"""token: it is refused. right: for what was asked. sight: it is not there, or not for us to see.
version: the one of the API that is asked is gone."""
_OURS: Final = {
    "no_token": Text("رمز دسترسی (access_token) برایش نوشته نشده", "it has no access_token"),
    "not_configured": Text("دیگر در پیکربندی نیست", "it is not in the configuration any more"),
}
"""Reasons that no platform gives."""
_LACKING: Final[dict[Lack, Text]] = {
    "token": Text("سکو رمز دسترسی‌اش را نمی‌پذیرد", "the platform refuses its access token"),
    "right": Text(
        "رمز دسترسی‌اش اجازه‌ای را که سکو می‌خواهد ندارد",
        "its access token lacks a right that the platform asks for",
    ),
    "sight": Text(
        "سکو آنچه را می‌خواهیم نشان نمی‌دهد؛ شاید اجازه‌ای کم باشد",
        "the platform does not show what is asked for; perhaps a right is missing",
    ),
    "version": Text(
        "سکو نسخه‌ای از API را که می‌خواهیم کنار گذاشته",
        "the platform has retired the version of its API that is asked",
    ),
}


def why(reason: str, lacks: object) -> Text:
    """The reason in both languages; of an unknown lack, and of none that is said, the token's.

    `reason` is the platform's code or ours; `lacks` as it came with the word.
    """
    if ours := _OURS.get(reason):
        return ours
    said = next((text for lack, text in _LACKING.items() if lack == lacks), _LACKING["token"])
    return Text(f"{said.fa} ({reason})", f"{said.en} ({reason})")
