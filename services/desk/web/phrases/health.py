"""What the health page says."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "health_question": Text("چیزی گم شده، مانده یا گیر کرده؟", "Is anything lost, held or stuck?"),
    "health_as_of": Text("دیده‌شده", "As of"),
    "health_books": Text("حساب‌ها", "The books"),
    "health_books_away": Text(
        "اکنون نمی‌شود حساب‌ها را بست (پایگاه داده یا مسیر رویدادها پاسخ نمی‌دهد).",
        "The books cannot be made up now (the database or the log does not answer).",
    ),
    "health_accepted": Text("پذیرفته", "Accepted"),
    "health_in_flight": Text("در راه", "In flight"),
    "health_ended": Text("به سرانجام رسیده", "Ended"),
    "health_balanced": Text("می‌خوانند", "They balance"),
    "health_unbalanced": Text("نمی‌خوانند", "They do not balance"),
    "health_problems": Text("این‌ها نمی‌خوانند", "These do not add up"),
    "health_stages": Text("گام‌ها", "Stages"),
    "health_waiting": Text("رویداد در راه", "records waiting"),
    "health_done": Text("به‌روز", "up to date"),
    "health_lag_unknown": Text("نامعلوم", "not known"),
    "health_behind_for": Text("از", "for"),
    "health_untold": Text("سرنخ‌هایی که به کسی خبر داده نشده", "Leads that nobody was told of"),
    "health_untold_none": Text("همه خبردار شده‌اند.", "Everybody has been told."),
    "health_held": Text("برای بررسی", "Held for review"),
    "health_dead": Text("ازراه‌مانده‌ها", "Dead letters"),
    "health_open_list": Text("باز کردن فهرست", "Open the list"),
    "health_none": Text("هیچ", "None"),
    "health_sources": Text("منبع‌ها", "Sources"),
    "health_source": Text("منبع", "Source"),
    "health_last_seen": Text("آخرین بار", "Last seen"),
    "health_today": Text("امروز", "Today"),
    "health_tests": Text("آزمایشی", "tests"),
    "health_never": Text("هنوز هیچ", "Nothing yet"),
    "health_usual": Text("معمولاً", "usually"),
    "health_hydrating": Text("در انتظار محتوا", "waiting for their content"),
    "health_starved": Text(
        "سکو هنوز نداده یا از ما خواسته صبر کنیم؛ بلندترین انتظار:",
        "the platform is away or has asked us to wait; longest wait:",
    ),
    "health_nameless": Text("بی‌نام فرستنده", "Without names"),
    "health_waits": Text("سکو خواسته صبر کنیم تا", "asked to wait until"),
    "health_next_look": Text("کوشش بعدی:", "next look at"),
    "health_silent": Text("ساکت‌تر از معمول", "Quiet for longer than usual"),
    "health_at_most": Text("معمولاً حداکثر", "usually at most"),
    "health_alarm": Text("زمان هشدار:", "alarm raised"),
    "health_unsigned": Text("بی‌رمز", "No secret"),
    "health_compared": Text("سنجش با فهرست سکو", "compared with the platform's list"),
    "health_missing": Text("فقط از فهرست آمده", "by the list only"),
    "health_late": Text("دیر رسیده", "late"),
    "health_repeated": Text("تکراری", "repeated"),
    "health_uncompared": Text("فهرست سکو خوانده نمی‌شود", "its list cannot be read"),
    "health_paused": Text("ایستاده", "Paused"),
    "health_since": Text("از", "since"),
    "health_fine": Text("خوب", "Fine"),
    "health_state": Text("وضعیت", "State"),
    "health_no_sources": Text("هنوز منبعی در پیکربندی نیست.", "No sources are configured yet."),
    "health_misaddressed": Text(
        "فرم‌های ناشناخته در صفحه‌های خودمان", "Unknown forms on pages of our own"
    ),
    "health_misaddressed_do": Text(
        "این صفحه‌ها به فرمی می‌فرستند که در پیکربندی نیست و ۴۰۴ می‌گیرند. کلید را درست کنید "
        "یا فرم را بیفزایید. هر ارسال هفت روز نگه داشته می‌شود.",
        "These pages post to a form that is not configured and get 404. Mend the key, or add the "
        "form. Each post is kept for seven days.",
    ),
    "health_form": Text("فرم", "Form"),
    "health_post": Text("ارسال", "post"),
    "health_posts": Text("ارسال", "posts"),
    "health_configuration": Text("پیکربندی", "Configuration"),
    "health_version": Text("نسخهٔ", "Version"),
    "health_in_force_since": Text("برقرار از", "in force since"),
    "health_not_stored": Text(
        "از پرونده؛ هنوز نسخه‌ای نگرفته", "from the file; it has no version yet"
    ),
    "health_refused": Text(
        "پرونده تغییر کرده ولی درست نیست؛ همان نسخهٔ پیشین برقرار است:",
        "The file has changed and is not valid; the version before it stays in force:",
    ),
    "health_warnings": Text("هشدارها", "Warnings"),
    "health_line": Text("خط", "line"),
}
