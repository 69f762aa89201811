"""The page behind a link in a message."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final = {
    "link_call": Text("تماس با {}", "Call {}"),
    "link_want": Text("چه می‌خواهد", "What they want"),
    "link_page": Text("از صفحهٔ", "From the page"),
    "link_source": Text("از", "From"),
    "link_waits": Text("هنوز کسی نپذیرفته است", "Nobody has accepted it yet"),
    "link_accept_by": Text("تا {} بپذیرید", "Accept by {}"),
    "link_accepted": Text("پذیرفته‌اید · {}", "You accepted · {}"),
    "link_contacted": Text("تماس گرفته‌اید · {}", "You made contact · {}"),
    "link_accept": Text("می‌پذیرم", "Accept"),
    "link_contact": Text("تماس گرفتم", "I made contact"),
    "link_decline": Text("نمی‌پذیرم", "Decline"),
    "link_why_back": Text("نمی‌توانید پی‌اش را بگیرید؟", "Cannot go on with it?"),
    "link_hand_on": Text("به دیگری بدهید", "Give it to somebody else"),
    "link_why_not": Text("چرا نمی‌پذیرید؟", "Why not?"),
    "link_busy": Text("سرم شلوغ است", "I am busy"),
    "link_field": Text("در حوزهٔ من نیست", "Not my field"),
    "link_number": Text("شماره اشتباه است", "Wrong number"),
    "link_spam": Text("هرزنامه است", "Spam"),
    "link_other": Text("دلیل دیگر", "Another reason"),
    "link_desk": Text("دیدن همهٔ ماجرا در میز کار", "See the whole story on the desk"),
    "link_noted": Text("ثبت شد.", "Done."),
    "link_pending": Text(
        "ثبت شد و تا لحظه‌ای دیگر همه‌جا دیده می‌شود.",
        "Noted; it shows everywhere in a moment.",
    ),
    "link_refused": Text(
        "نشد: این سرنخ همین حالا تغییر کرد.", "Not done: the lead has just changed."
    ),
    "link_void": Text("این پیوند دیگر کاری نمی‌کند", "This link does nothing any more"),
    "link_expired": Text(
        "یا زمانش گذشته یا درست رونویسی نشده است. سرنخ را در میز کار ببینید.",
        "It is too old, or was not copied whole. Look for the lead on the desk.",
    ),
    "link_elsewhere": Text("این سرنخ اکنون با {} است.", "{} has this lead now."),
    "link_nobody": Text("این سرنخ در انتظار کارشناس است.", "This lead waits for a specialist."),
    "link_won": Text("این سرنخ به فروش رسیده است.", "This lead was won."),
    "link_lost": Text("این سرنخ بسته شده است.", "This lead is closed."),
}
