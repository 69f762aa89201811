"""What the pages of the dead letters say."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "letters": Text("ازراه‌مانده‌ها", "Dead letters"),
    "letters_question": Text(
        "رویدادهایی که گامی از پسشان برنیامد؛ با همهٔ محتوا این‌جا مانده‌اند.",
        "Events that a stage could not use; they are kept here whole.",
    ),
    "letters_none": Text("هیچ رویدادی از راه نمانده", "No dead letters"),
    "letters_none_do": Text(
        "هر چه گامی نتواند بخواند این‌جا می‌آید و می‌شود دوباره فرستادش.",
        "Whatever a stage cannot use comes here, and can be sent again.",
    ),
    "letters_stage": Text("گام", "Stage"),
    "letters_reason": Text("دلیل", "Reason"),
    "letters_replay": Text("دوباره بفرست", "Send again"),
    "letters_replayed": Text(
        "دوباره فرستاده شد؛ اگر باز بماند همین‌جا پیدایش می‌شود.",
        "Sent again; if it dies again it comes back here.",
    ),
    "letters_was_replayed": Text("دوباره فرستاده شده", "Sent again already"),
    "letters_headers": Text("سرآیندها", "Headers"),
    "letters_value": Text("محتوا", "Content"),
    "letters_at": Text("کی", "When"),
    "letters_topic": Text("مسیر", "Topic"),
    "letters_round": Text("دور", "Round"),
    "letters_all": Text("همهٔ ازراه‌مانده‌ها", "All dead letters"),
    "letters_look": Text("ببین", "Look"),
}
