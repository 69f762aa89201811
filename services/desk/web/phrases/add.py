"""What the page says on which staff put in a call or a walk-in."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "add_title": Text("ثبت تماس یا مراجعه", "Add a call or a walk-in"),
    "add_hint": Text("نام یا شماره کافی است.", "A name or a number is enough."),
    "add_how": Text("چطور آمد؟", "How did they come?"),
    "add_call": Text("تلفن زد", "They called"),
    "add_walk_in": Text("حضوری آمد", "They walked in"),
    "add_subject": Text("دربارهٔ چه؟", "About what?"),
    "add_no_subject": Text("معلوم نیست", "Not known"),
    "add_more": Text("ایمیل و شرکت", "E-mail and company"),
    "add_consent": Text("پذیرفت که با او تماس بگیریم", "They agreed to be contacted"),
    "add_do": Text("ثبت سرنخ", "Add the lead"),
    "nobody_named": Text(
        "نام، شماره یا ایمیل را بنویسید تا بشود پیدایش کرد.",
        "Write a name, a number or an e-mail, so that they can be found.",
    ),
    "odd_phone": Text(
        "این شماره درست نیست؛ با پیش‌شماره دوباره بنویسید.",
        "This cannot be a phone number; write it again with its area code.",
    ),
    "odd_email": Text("این ایمیل درست نیست.", "This cannot be an e-mail address."),
    "too_long": Text("یکی از فیلدها بیش از اندازه بلند است.", "One of the fields is too long."),
    "odd_entry": Text("یکی از فیلدها خوانا نیست.", "One of the fields cannot be read."),
    "added_on_its_way": Text("ثبت شد و در راه است", "Saved and on its way"),
    "added_on_its_way_do": Text(
        "چیزی گم نمی‌شود؛ تا لحظه‌ای دیگر سرنخش باز می‌شود.",
        "Nothing is lost; its lead opens in a moment.",
    ),
    "added_held": Text("ثبت شد، ولی سرنخ نشد", "Saved, but it is no lead"),
    "added_held_do": Text(
        "راه تماسش به کار نمی‌آید یا برای بررسی نگه داشته شده؛ در صفحهٔ سلامت پیدایش می‌کنید.",
        "It cannot be used to reach anybody, or it is held for review; the health page shows it.",
    ),
    "added_look": Text("دوباره ببین", "Look again"),
    "added_another": Text("یکی دیگر", "Another one"),
}
