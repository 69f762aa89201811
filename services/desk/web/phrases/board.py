"""What the board says: who has what, what is late."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "board_question": Text("کار دست کیست و چه چیزی دیر شده؟", "Who has what, and what is late?"),
    "board_open": Text("باز", "Open"),
    "board_waiting": Text("در صف", "Waiting"),
    "board_unaccepted": Text("پذیرفته‌نشده", "Not accepted"),
    "board_late": Text("دیرشده", "Late"),
    "board_contacted": Text("تماس‌گرفته", "Contacted"),
    "board_won": Text("فروش این هفته", "Won this week"),
    "board_lost": Text("ازدست‌رفتهٔ این هفته", "Lost this week"),
    "board_specialist": Text("کارشناس", "Specialist"),
    "board_capacity": Text("ظرفیت", "Capacity"),
    "board_today": Text("امروز", "Today"),
    "board_share": Text("سهم از نوبت‌ها", "Share of the turns"),
    "board_share_hint": Text(
        "در ۳۰ روز گذشته: آنچه به نوبت گرفته، در کنار سهمش به نسبت وزن.",
        "In the last 30 days: what came in turn, beside the share that the weight makes.",
    ),
    "board_of": Text("از", "of"),
    "board_due": Text("سهم", "due"),
    "board_weight": Text("وزن", "weight"),
    "board_no_limit": Text("بی‌سقف", "no limit"),
    "board_here": Text("سر کار", "At work"),
    "board_paused": Text("موقتاً کنار", "Paused"),
    "board_away": Text("در مرخصی", "On leave"),
    "board_off": Text("بیرون از ساعت کار", "Off hours"),
    "board_until": Text("تا", "until"),
    "board_until_resumed": Text("تا برگرداندن", "until resumed"),
    "board_pause": Text("کنار گذاشتن", "Pause"),
    "board_pause_ask": Text("تا کی سرنخ تازه نگیرد؟", "No new leads until when?"),
    "board_pause_today": Text("تا پایان امروز", "The end of today"),
    "board_pause_hour": Text("یک ساعت", "One hour"),
    "board_pause_open": Text("تا وقتی برگردانده شود", "Until resumed"),
    "board_resume": Text("برگرداندن", "Resume"),
    "board_paused_now": Text(
        "کنار گذاشته شد؛ تا برگردد سرنخ تازه‌ای نمی‌گیرد.",
        "Paused: no new leads until they are back.",
    ),
    "board_resumed_now": Text("برگشت؛ دوباره سرنخ می‌گیرد.", "Back: new leads come in again."),
    "board_late_now": Text("دیرتر از همه", "The most late"),
    "board_late_by": Text("دیرکرد", "late by"),
    "board_left": Text("مانده", "left"),
    "board_queue": Text("در صف، به ترتیب آمدن", "Waiting, in order of arrival"),
    "board_waits": Text("منتظر", "has waited"),
    "board_gone": Text("دیگر در این تیم نیستند", "Not in this team any more"),
    "board_gone_do": Text(
        "سرنخ‌هایشان باز مانده؛ به کس دیگری بسپارید.", "Their leads are still open; reassign them."
    ),
    "board_removed": Text("این تیم دیگر در پیکربندی نیست", "Not in the configuration any more"),
    "board_calm": Text("هیچ سرنخی دیر نشده است.", "Nothing is late."),
    "board_empty": Text("هنوز سرنخی نرسیده", "No leads yet"),
    "board_empty_do": Text(
        "با نخستین سرنخ، این‌جا پیداست که دست کیست.", "With the first lead you see here who has it."
    ),
    "closed_from": Text("بسته‌شده از", "Closed since"),
    "board_totals": Text("همهٔ تیم‌ها", "All teams"),
    "board_strategy_weighted": Text("نوبتی، به نسبت وزن", "in turn, by weight"),
    "board_strategy_least_open": Text("به کسی که سرش خلوت‌تر است", "to whoever has fewest"),
    "board_strategy_in_order": Text("به ترتیب فهرست", "in the order of the list"),
}
