"""What the pages of imports say."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "imports": Text("ورود فهرست", "Import a list"),
    "imports_hint": Text(
        "فایل CSV یا اکسل (xlsx)، با هر جداکننده و رمزگذاری. تا تأیید نکنید چیزی وارد نمی‌شود.",
        "CSV or Excel (.xlsx), any delimiter and encoding. Nothing is put in until you say so.",
    ),
    "imports_file": Text("فایل", "File"),
    "imports_most": Text("حداکثر {n} مگابایت و ۲۰۰٬۰۰۰ ردیف", "at most {n} MiB and 200,000 rows"),
    "imports_bring": Text("ببینیم چه دارد", "See what is in it"),
    "imports_before": Text("فهرست‌های پیشین", "Lists before"),
    "imports_none": Text("هنوز فهرستی نیامده است.", "No list has been brought yet."),
    "import_state_new": Text("آمادهٔ بررسی", "To be checked"),
    "import_state_checking": Text("در حال بررسی", "Being checked"),
    "import_state_checked": Text("بررسی شد", "Checked"),
    "import_state_running": Text("در حال ورود", "Being put in"),
    "import_state_stopped": Text("متوقف", "Stopped"),
    "import_state_done": Text("تمام شد", "Done"),
    "import_state_failed": Text("خوانده نشد", "Could not be read"),
    "import_columns": Text("هر ستون چیست؟", "What is each column?"),
    "import_keep": Text("همان‌طور بماند", "Keep as it is"),
    "import_first": Text("نخستین ردیف‌ها چنین می‌شوند", "The first rows will be"),
    "import_line": Text("ردیف", "Line"),
    "import_basis": Text("چرا می‌شود با این‌ها تماس گرفت؟", "Why may these people be contacted?"),
    "import_temperature": Text("دما", "Temperature"),
    "import_by_basis": Text("بر پایهٔ پاسخ بالا", "By the answer above"),
    "import_cold": Text(
        "سرد: تا خودشان کاری نکنند سرد می‌مانند", "Cold until they do something themselves"
    ),
    "import_scored": Text("بر پایهٔ امتیاز", "By their score"),
    "import_source": Text("نام این فهرست در منبع‌ها", "What the list is called among sources"),
    "import_source_hint": Text(
        "حروف کوچک لاتین، رقم و خط تیره؛ مثلاً expo-2026",
        "small letters, digits and hyphens: expo-2026",
    ),
    "import_note": Text("این فهرست از کجا آمده؟", "Where is this list from?"),
    "import_check": Text("بررسی آزمایشی", "Check without effect"),
    "import_check_again": Text("دوباره بررسی کن", "Check again"),
    "import_change": Text("تغییر ستون‌ها و پاسخ‌ها", "Change columns and answers"),
    "import_start": Text("وارد کردن {n} ردیف تازه", "Put in {n} new rows"),
    "import_nothing_new": Text(
        "ردیف تازه‌ای برای وارد کردن نیست.", "There are no new rows to put in."
    ),
    "import_go_on": Text("ادامه بده", "Go on"),
    "import_stop": Text("متوقف کن", "Stop"),
    "import_forget": Text("حذف فایل", "Delete the file"),
    "import_rows_read": Text("ردیف خوانده شد", "rows read"),
    "import_of": Text("از", "of"),
    "import_pace": Text(
        "آهسته می‌رود تا سرنخ‌های زنده معطل نشوند؛ می‌توانید این صفحه را ببندید.",
        "It goes slowly, so that live leads do not wait; you may close this page.",
    ),
    "import_behind": Text(
        "در صف است؛ فهرست‌های جلوتر: {n}", "It waits for its turn; lists before it: {n}"
    ),
    "import_look_again": Text("دوباره ببین", "Look again"),
    "import_checked": Text("نتیجهٔ بررسی", "What the check found"),
    "import_result": Text("نتیجه", "Result"),
    "import_leads": Text("سرنخ‌های این فهرست", "Leads of this list"),
    "import_count_new": Text("تازه", "new"),
    "import_count_earlier": Text("پیش‌تر وارد شده", "put in before"),
    "import_count_repeated": Text("تکراری در همین فایل", "repeated in this file"),
    "import_shared": Text(
        "ردیف‌هایی با شماره، ایمیل یا شناسهٔ ردیفی پیش‌تر: {n} (هر شخص یک سرنخ می‌شود).",
        "Rows with a phone, e-mail or handle of an earlier line: {n} (one person is one lead).",
    ),
    "import_count_without_contact": Text("بی راه تماس", "without contact"),
    "import_count_unusable_phone": Text("شمارهٔ نادرست", "unusable phone"),
    "import_count_unusable_email": Text("ایمیل نادرست", "unusable e-mail"),
    "import_count_digits_lost": Text("رقم‌ها را اکسل از بین برده", "digits cut by Excel"),
    "import_count_too_many_cells": Text("خانه‌های اضافی", "too many cells"),
    "import_count_too_long": Text("بیش از اندازه بلند", "too long"),
    "import_left_out": Text("آنچه وارد نمی‌شود", "What is left out"),
    "import_errors": Text("فایل ردیف‌های کنارگذاشته (CSV)", "File of rows left out (CSV)"),
    "import_no_basis": Text(
        "بگویید چرا می‌شود با این‌ها تماس گرفت.", "Say why these people may be contacted."
    ),
    "import_bought": Text("فهرست خریداری‌شده همیشه سرد است.", "A bought list is always cold."),
    "import_twice": Text("دو ستون یک چیز شده‌اند.", "Two columns are said to hold the same."),
    "import_odd_source": Text(
        "نام منبع را با حروف کوچک لاتین، رقم و خط تیره بنویسید.",
        "Write the source's name in small letters, digits and hyphens.",
    ),
    "import_add_link": Text("یک فهرست دارید؟ فایلش را بیاورید", "Have a list? Bring its file"),
}
