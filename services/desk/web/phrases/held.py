"""What the pages of what is held for review say."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "held": Text("برای بررسی", "Held for review"),
    "held_question": Text(
        "این‌ها رسیده‌اند و منتظر تصمیم شما هستند؛ هیچ‌کدام گم نشده.",
        "These have arrived and wait for your decision; none of them is lost.",
    ),
    "held_none": Text("چیزی برای بررسی نیست", "Nothing is held"),
    "held_none_do": Text(
        "هر چه مشکوک یا ناخوانا برسد این‌جا می‌ماند تا کسی نگاهش کند.",
        "Whatever arrives odd or unreadable stays here until somebody has looked.",
    ),
    "held_why": Text("چرا", "Why"),
    "held_release": Text("آزاد کن", "Release"),
    "held_discard": Text("کنار بگذار", "Discard"),
    "held_look": Text("ببین", "Look"),
    "held_raw": Text("آنچه رسید", "What came"),
    "held_download": Text("گرفتن فایل خام", "Download the raw bytes"),
    "held_cut": Text("فقط آغازش نشان داده شده.", "Only its beginning is shown."),
    "held_at": Text("رسید", "Arrived"),
    "held_occurred": Text("به ساعت فرستنده", "By the sender's clock"),
    "held_size": Text("بایت", "bytes"),
    "held_released": Text("آزاد شد و به راهش می‌رود.", "Released: it goes on its way."),
    "held_discarded": Text("کنار گذاشته شد.", "Discarded."),
    "held_pending": Text(
        "ثبت شد و در راه است؛ تا لحظه‌ای دیگر همین‌جا دیده می‌شود.",
        "Saved and on its way; it will show here in a moment.",
    ),
    "held_decided": Text("درباره‌اش تصمیم گرفته شده", "Decided"),
    "held_conflict": Text(
        "با کلید ارسال دیگری رسیده و خودش ارسالی ندارد؛ فقط می‌شود کنارش گذاشت.",
        "It came under another submission's key; it can only be discarded.",
    ),
    "held_submission": Text("ارسال", "Submission"),
    "held_all": Text("همهٔ موارد", "All that is held"),
}
