"""What the pages say around the data, in both languages; a phrase that is missing fails loudly."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "product": Text("سرنخ", "Sarnakh"),
    "skip": Text("پرش به محتوا", "Skip to content"),
    "inbox": Text("صندوق ورودی", "Inbox"),
    "other_language": Text("English", "فارسی"),
    "sign_out": Text("خروج", "Sign out"),
    "search": Text("جست‌وجوی نام، شماره، ایمیل یا شرکت", "Search name, number, e-mail or company"),
    "search_do": Text("بگرد", "Search"),
    "everything": Text("همه", "All"),
    "state": Text("وضعیت", "Status"),
    "temperature": Text("دما", "Temperature"),
    "stage": Text("مرحله", "Stage"),
    "newest_first": Text("تازه‌ترین‌ها بالا", "Newest first"),
    "older": Text("قدیمی‌ترها", "Older"),
    "newest": Text("بازگشت به تازه‌ترین‌ها", "Back to the newest"),
    "clear": Text("برداشتن صافی‌ها", "Clear filters"),
    "nothing_found": Text("سرنخی با این نشانی‌ها نیست", "No leads match"),
    "nothing_found_do": Text(
        "یکی از صافی‌ها را بردارید یا واژهٔ دیگری بجویید.",
        "Take a filter away or search for something else.",
    ),
    "empty": Text("هنوز سرنخی نرسیده", "No leads yet"),
    "empty_do": Text(
        "این فرم را در صفحهٔ سایت‌تان بگذارید. نخستین کسی که پُرش کند، همان لحظه این‌جا دیده می‌شود.",
        "Put this form on a page of your site. The first person to fill it in shows up here.",
    ),
    "copy": Text("رونوشت", "Copy"),
    "copied": Text("رونوشت شد", "Copied"),
    "no_name": Text("بی‌نام", "No name"),
    "unaccepted": Text("پذیرفته نشده", "Not accepted yet"),
    "snoozed": Text("به تعویق تا", "Snoozed until"),
    "nobody": Text("هنوز به کسی داده نشده", "Not given to anyone yet"),
    "call": Text("تماس", "Call"),
    "email": Text("ایمیل", "E-mail"),
    "write": Text("نوشتن ایمیل", "Write"),
    "accept": Text("می‌پذیرم", "Accept"),
    "contacted": Text("تماس گرفتم", "Contacted"),
    "qualify": Text("واجد شرایط فروش است", "Sales-qualified"),
    "won": Text("فروختم", "Won"),
    "lost": Text("از دست رفت", "Lost"),
    "decline": Text("نمی‌پذیرم", "Decline"),
    "snooze": Text("بعداً", "Snooze"),
    "reassign": Text("واگذاری به دیگری", "Reassign"),
    "reopen": Text("بازگشایی", "Reopen"),
    "reason": Text("دلیل", "Reason"),
    "reason_lost": Text("چرا از دست رفت؟", "Why was it lost?"),
    "reason_decline": Text("چرا نمی‌پذیرید؟", "Why do you decline?"),
    "amount": Text("مبلغ فروش (اختیاری)", "Amount (optional)"),
    "until": Text("تا", "Until"),
    "tomorrow": Text("فردا همین ساعت", "This time tomorrow"),
    "in_three_days": Text("سه روز دیگر", "In three days"),
    "next_week": Text("هفتهٔ آینده", "Next week"),
    "to_whom": Text("به چه کسی؟", "To whom?"),
    "done": Text("ثبت", "Save"),
    "actions": Text("چه شد؟", "What happened?"),
    "want": Text("چه می‌خواهد", "What they want"),
    "no_message": Text("پیامی ننوشته است.", "They wrote no message."),
    "who": Text("راه‌های تماس", "How to reach them"),
    "phone": Text("تلفن", "Phone"),
    "typed": Text("آن‌طور که نوشته:", "As typed:"),
    "company": Text("شرکت", "Company"),
    "language": Text("زبان", "Language"),
    "lang_fa": Text("فارسی", "Persian"),
    "lang_en": Text("انگلیسی", "English"),
    "handle": Text("شناسهٔ گفت‌وگو", "Chat handle"),
    "more_answers": Text("پاسخ‌های دیگر", "Other answers"),
    "score": Text("امتیاز", "Score"),
    "fit": Text("تناسب", "Fit"),
    "engagement": Text("تعامل", "Engagement"),
    "no_reasons": Text("هنوز هیچ قاعده‌ای امتیازی نداده.", "No rule has given points yet."),
    "owner": Text("کارشناس", "Specialist"),
    "team": Text("تیم", "Team"),
    "skipped": Text("کنار گذاشته‌شدگان", "Passed over"),
    "origin": Text("از کجا آمد", "Where they came from"),
    "page": Text("صفحهٔ مبدأ", "Page of origin"),
    "source": Text("منبع", "Source"),
    "campaign": Text("کارزار", "Campaign"),
    "referrer": Text("ارجاع‌دهنده", "Referrer"),
    "touches": Text("تماس‌ها", "Times in touch"),
    "messages": Text("خبرها", "Messages"),
    "no_messages": Text("هنوز به کسی خبر داده نشده.", "Nobody has been told yet."),
    "attempts": Text("بار تلاش", "attempts"),
    "story": Text("داستان", "Story"),
    "field_name": Text("نام", "Name"),
    "field_first_name": Text("نام", "First name"),
    "field_last_name": Text("نام خانوادگی", "Last name"),
    "field_phone": Text("تلفن", "Phone"),
    "field_email": Text("ایمیل", "E-mail"),
    "field_company": Text("شرکت", "Company"),
    "field_message": Text("پیام", "Message"),
    "field_handle": Text("شناسهٔ گفت‌وگو", "Chat handle"),
    "field_language": Text("زبان", "Language"),
    "by": Text("به دست", "by"),
    "back": Text("بازگشت به صندوق", "Back to the inbox"),
    "settled": Text("ثبت شد.", "Saved."),
    "pending": Text(
        "ثبت شد و در راه است؛ تا لحظه‌ای دیگر همین‌جا دیده می‌شود.",
        "Saved and on its way; it will show here in a moment.",
    ),
    "wrong_form": Text("انجام نشد:", "Not done:"),
    "sign_in": Text("ورود به میز کار", "Sign in"),
    "token": Text("رمز میز کار", "Desk token"),
    "token_hint": Text(
        "همان رمزی که هنگام راه‌اندازی جایش گفته شد.",
        "It was named when the system started.",
    ),
    "enter": Text("ورود", "Sign in"),
    "wrong_token": Text(
        "این رمز درست نیست. از آغاز تا پایان رونوشت کنید و دوباره بکوشید.",
        "That token is not right. Copy all of it and try again.",
    ),
    "insecure": Text(
        "از این نشانی نمی‌شود وارد شد: رمز بدون https از شبکه می‌گذرد. "
        "میز کار را با https یا روی همین دستگاه باز کنید.",
        "You cannot sign in from this address: without https the token would cross the network "
        "in the clear. Open the desk over https, or on this machine.",
    ),
    "again": Text("دوباره", "Try again"),
    "error_401": Text("نخست وارد شوید", "Sign in first"),
    "error_403": Text("این درخواست پذیرفته نشد", "This was not accepted"),
    "error_403_do": Text(
        "شاید صفحه زمان زیادی باز مانده. برگردید، صفحه را تازه کنید و دوباره بکوشید.",
        "The page may have been open for long. Go back, reload it and try again.",
    ),
    "error_404": Text("چنین صفحه‌ای نیست", "There is no such page"),
    "error_404_do": Text(
        "شاید نشانی ناقص رونوشت شده باشد.", "The address may have been copied in part."
    ),
    "error_422": Text("این نشانی خوانا نیست", "This address cannot be read"),
    "error_422_do": Text(
        "یکی از صافی‌های نشانی مقداری ناآشنا دارد.", "One of its filters has an unknown value."
    ),
    "error_503": Text("یک لحظه", "One moment"),
    "error_503_do": Text(
        "پایگاه داده پاسخ نمی‌دهد؛ چیزی گم نشده. چند ثانیه دیگر دوباره بکوشید.",
        "The database does not answer; nothing is lost. Try again in a few seconds.",
    ),
    "error_500": Text("خطایی از سوی ما", "Something went wrong on our side"),
    "error_500_do": Text(
        "ثبت شد تا رسیدگی شود. دوباره بکوشید.", "It has been noted. Please try again."
    ),
    "keys": Text("میان‌برهای صفحه‌کلید", "Keyboard"),
    "keys_move": Text("سرنخ بعدی و قبلی", "Next and previous lead"),
    "keys_open": Text("باز کردن", "Open"),
    "keys_accept": Text("پذیرفتن", "Accept"),
    "keys_contacted": Text("تماس گرفتم", "Contacted"),
    "keys_search": Text("جست‌وجو", "Search"),
    "keys_back": Text("بازگشت به صندوق", "Back to the inbox"),
    "keys_help": Text("همین فهرست", "This list"),
    "close": Text("بستن", "Close"),
    "actor_staff": Text("کارکنان", "staff"),
    "actor_api": Text("برنامه", "a program"),
}


class Say:
    """The phrases of one language, as `say.inbox` in a template."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __getattr__(self, name: str) -> str:
        """The phrase. Raises AttributeError for one that nobody wrote."""
        try:
            return PHRASES[name].of(self._language)
        except KeyError:
            raise AttributeError(name) from None

    def __contains__(self, name: str) -> bool:
        return name in PHRASES

    __getitem__ = __getattr__
