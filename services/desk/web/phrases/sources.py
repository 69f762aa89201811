"""What the page of one source says: its last deliveries, and which of its fields are ours."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "listen_question": Text(
        "این منبع آخرین بار چه فرستاد و چه شد؟",
        "What did this source send last, and what became of it?",
    ),
    "listen_last": Text("آخرین ارسال‌ها", "Last deliveries"),
    "listen_waiting": Text(
        "گوش می‌دهیم؛ هر چه برسد خودش همین‌جا دیده می‌شود.",
        "Listening: whatever arrives shows here by itself.",
    ),
    "listen_kept": Text(
        "دادهٔ خام فقط از ارسال‌هایی این‌جاست که برای بررسی مانده‌اند یا مانده بودند.",
        "Raw data is here only of deliveries that are or were held for review.",
    ),
    "listen_quiet": Text(
        "ساکت‌تر از معمول: {n} است که چیزی نرسیده.",
        "Quiet for longer than usual: nothing has come for {n}.",
    ),
    "listen_usual": Text("معمولاً {n} چیزی می‌رسد.", "Usually something comes {n}."),
    "listen_at_most": Text(
        "در چنین ساعت‌هایی سکوتش معمولاً از {n} بیشتر نمی‌شود.",
        "At such hours it is usually quiet for at most {n}.",
    ),
    "listen_check": Text(
        "ببینید هنوز کار می‌کند یا نه: تبلیغ یا فرم، نشانی‌ای که می‌فرستد و رمزش. زمان هشدار:",
        "See whether it still works: the ad or form, the address that it sends to, and its secret. "
        "Alarm raised",
    ),
    "listen_was_quiet": Text(
        "{n} ساکت بود و دوباره چیزی رسید:", "It was quiet for {n} and was heard again"
    ),
    "listen_open": Text("انتخاب فیلدها", "Pick its fields"),
    "listen_look": Text("دیدن داده", "See its data"),
    "listen_never": Text("از این منبع هنوز چیزی نرسیده", "This source was never heard"),
    "listen_try": Text("امتحان کنید", "Try it"),
    "listen_address": Text("نشانی:", "Its address:"),
    "listen_try_do": Text(
        "این را در پوسته (shell) اجرا کنید؛ چند ثانیه بعد پایین همین صفحه دیده می‌شود.",
        "Run this in a shell; it shows below within seconds.",
    ),
    "listen_secret": Text(
        "رمز منبع باید در متغیر SECRET باشد؛ این صفحه آن را نشان نمی‌دهد.",
        "The source's secret has to be in the variable SECRET; this page never shows it.",
    ),
    "listen_platform": Text(
        "این سکو به روش خودش امضا یا ارسال می‌کند؛ ارسال آزمایشی خودش را به کار ببرید. راهنما:",
        "This platform signs or sends in its own way; use its own test delivery. How:",
    ),
    "listen_fields": Text("آنچه رسید، فیلد به فیلد", "What came, field by field"),
    "listen_whole": Text("تصمیم و فایل خام", "Decision and raw file"),
    "listen_known": Text(
        "فیلدهای این نوع منبع از روی نامشان شناخته می‌شوند و این‌جا انتخاب نمی‌شوند.",
        "Fields of this kind of source are known by their names, and not picked here.",
    ),
    "listen_none": Text("هیچ‌کدام", "None of ours"),
    "listen_empty": Text("خالی", "empty"),
    "listen_no_path": Text("با مسیر نمی‌شود نامید", "no path can name it"),
    "listen_more": Text("فقط {n} فیلد نخست نشان داده شده.", "Only the first {n} fields are shown."),
    "listen_common": Text(
        "آنچه از پیش انتخاب شده حدس خود در ورودی است. نام‌های رایج بدون این خط هم شناخته می‌شوند و "
        "«هیچ‌کدام» جلویشان را نمی‌گیرد؛ فقط می‌شود فیلد دیگری را به جایشان گذاشت.",
        "What is chosen already is the door's own guess. Common names are known without this line, "
        "and “None of ours” does not stop that; only another field in their place does.",
    ),
    "listen_show": Text("خط را نشان بده", "Show the line"),
    "listen_line": Text("خط پیکربندی", "The line of the configuration"),
    "listen_line_do": Text(
        "این خط را در فایل پیکربندی زیر همین منبع بگذارید؛ تا یک ثانیه بعد به کار می‌افتد.",
        "Put this line below this source in the configuration; it works a second later.",
    ),
    "listen_line_instead": Text(
        "آن‌جا خط fields دیگری هست؛ این را به جایش بگذارید.",
        "There is a fields line already: put this in its place.",
    ),
    "listen_would": Text("با این خط چنین خوانده می‌شوند", "With this line they would be read so"),
    "listen_reachable": Text("راه تماس دارد", "has a contact"),
    "listen_activity": Text("راه تماس ندارد: فقط فعالیت", "no contact: an activity only"),
    "listen_held": Text("باز هم برای بررسی می‌ماند", "still held for review"),
    "listen_unreadable": Text(
        "نه JSON خواناست نه فرم؛ فیلدی ندارد.",
        "Neither readable JSON nor a form: it has no fields.",
    ),
    "listen_too_large": Text(
        "برای نشان دادن فیلدها بیش از اندازه بزرگ است؛ فایل خام را بگیرید.",
        "Too large to show its fields; download the raw file.",
    ),
    "listen_release": Text(
        "این خط برای آنچه از این پس برسد به کار می‌رود و برای مانده هم: «آزاد کن» دادهٔ خام را با "
        "فیلدهایی که همان دم در پیکربندی است دوباره می‌خواند. پس نخست خط را بگذارید، "
        "بعد آزاد کنید؛ یا",
        "This line is for what arrives from now on, and for what is held: “Release” reads its raw "
        "bytes again with the fields that are configured at that moment. So put the line in first, "
        "and release then; or",
    ),
    "listen_by_hand": Text("خودتان ثبتش کنید.", "put it in yourself."),
    "listen_twice": Text(
        "یک فیلد ما دو بار انتخاب شده؛ هر کدام فقط یک بار.",
        "One of our fields is chosen twice; each can be chosen once.",
    ),
    "listen_nothing": Text("هنوز فیلدی انتخاب نشده.", "No field is chosen yet."),
    "listen_odd_path": Text(
        "مسیر یکی از این فیلدها نویسه‌ای دارد که فایل پیکربندی نمی‌پذیرد.",
        "The path of one of these fields has characters that the configuration cannot hold.",
    ),
}
