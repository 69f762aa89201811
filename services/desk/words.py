"""The words on screen, in both languages, after the field's own terms."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

STAGES: Final = {
    "iql": Text("سرنخ اطلاعاتی", "Information-qualified"),
    "mql": Text("واجد شرایط بازاریابی", "Marketing-qualified"),
    "sql": Text("واجد شرایط فروش", "Sales-qualified"),
    "pql": Text("واجد شرایط محصول", "Product-qualified"),
    "service_qualified": Text("واجد شرایط خدمات", "Service-qualified"),
    "customer": Text("مشتری", "Customer"),
    "returning_customer": Text("مشتری بازگشته", "Returning customer"),
}
TEMPERATURES: Final = {
    "cold": Text("سرد", "Cold"),
    "warm": Text("گرم", "Warm"),
    "hot": Text("داغ", "Hot"),
}
LEAD_STATES: Final = {
    "open": Text("باز", "Open"),
    "won": Text("فروخته‌شده", "Won"),
    "lost": Text("ازدست‌رفته", "Lost"),
}
KINDS: Final = {
    "form": Text("فرم", "Form"),
    "api": Text("رابط برنامه", "API"),
    "webhook": Text("وب‌هوک", "Webhook"),
    "chat": Text("گفت‌وگو", "Chat"),
    "call": Text("تماس", "Call"),
    "qr": Text("کد QR", "QR code"),
    "import": Text("فهرست واردشده", "Import"),
    "walk_in": Text("مراجعهٔ حضوری", "Walk-in"),
    "activity": Text("فعالیت", "Activity"),
}
MESSAGES: Final = {
    "assigned": Text("خبرِ سرنخ تازه", "New lead"),
    "reminder": Text("یادآوری", "Reminder"),
    "escalation": Text("گزارش به مدیر", "Escalation"),
    "touched": Text("خبرِ تماس دوباره", "In touch again"),
    "merged": Text("خبرِ یکی‌شدن سرنخ‌ها", "Leads joined"),
}
MESSAGE_STATES: Final = {
    "planned": Text("در نوبت", "Queued"),
    "sending": Text("در حال ارسال", "Sending"),
    "sent": Text("فرستاده شد", "Sent"),
    "failed": Text("نرسید", "Failed"),
    "unknown": Text("نامعلوم", "Not known"),
}
ACTORS: Final = {
    "staff": Text("یکی از همکاران", "A colleague"),
    "api": Text("برنامه‌ای", "A program"),
}
"""Who did it, where it was nobody by name."""
HOLDS: Final = {
    "suspected_bot": Text("شاید ربات باشد", "may be a bot"),
    "too_many_posts": Text(
        "هم‌زمان با آن فرم‌های زیادی از همان شبکه رسید",
        "many forms came from its network at the same time",
    ),
    "unusable_contact": Text("راه تماسش به کار نمی‌آید", "its contact details cannot be used"),
    "unexpected_shape": Text("شکل دادهٔ رسیده ناآشناست", "its data has an unfamiliar shape"),
    "duplicate_keys": Text(
        "یک نام در دادهٔ رسیده دو بار آمده؛ معلوم نیست کدام مقدار درست است",
        "a name is twice in its data, and nobody knows which value counts",
    ),
    "too_large": Text(
        "بیش از اندازه بزرگ است؛ متن کامل فقط در دادهٔ خام است",
        "it is too large; its whole text is only in the raw data",
    ),
    "key_conflict": Text(
        "با کلیدی رسید که پیش‌تر برای محتوای دیگری به کار رفته بود",
        "it came under a key that was used for other content",
    ),
    "other_form": Text(
        "از فرمی است که در فهرست این منبع نیست", "its form is not among those of this source"
    ),
    "unknown_key": Text(
        "کلید همراهش کلید ما نیست؛ شاید فقط یک طرف کلید را عوض کرده است",
        "its key is none of ours; perhaps only one side has changed the key",
    ),
    "unreadable_at_platform": Text(
        "پلتفرم محتوایش را به ما نمی‌دهد؛ شاید پاک شده یا دسترسی نداریم",
        "the platform does not give us its content; it may be deleted, or we lack access",
    ),
    "expired_at_platform": Text(
        "مهلت خواندنش از پلتفرم گذشت", "the time in which the platform gives it out is over"
    ),
    "rate": Text("از یک شبکه زیاد رسید", "too many came from one network"),
}
STEPS: Final = {
    "capture": Text("دریافت", "capture"),
    "enrichment": Text("شناسایی", "enrichment"),
    "scoring": Text("امتیازدهی", "scoring"),
    "routing": Text("واگذاری", "routing"),
    "desk": Text("میز کار", "the desk"),
}


MISSING: Final = {
    "desk knows it, no receipt": Text(
        "میز کار می‌شناسدش، ولی رسیدی ندارد", "The desk knows it, but there is no receipt"
    ),
    "desk knows it, enrichment does not": Text(
        "میز کار می‌شناسدش، ولی شناسایی نه", "The desk knows it, enrichment does not"
    ),
    "desk knows it, scoring does not": Text(
        "میز کار می‌شناسدش، ولی امتیازدهی نه", "The desk knows it, scoring does not"
    ),
    "desk knows it, routing does not": Text(
        "میز کار می‌شناسدش، ولی واگذاری نه", "The desk knows it, routing does not"
    ),
    "enrichment has it, no receipt": Text(
        "شناسایی دارد، ولی رسیدی ندارد", "Enrichment has it, but there is no receipt"
    ),
    "a spool's record has no receipt": Text(
        "در صف دریافت هست، ولی رسیدی ندارد", "It is in a spool, but there is no receipt"
    ),
    "receipts of a spool that capture does not know": Text(
        "رسید از صفی است که دریافت نمی‌شناسد", "Receipts of a spool that capture does not know"
    ),
    "receipt without a submission": Text(
        "رسید دارد، ولی ارسالی ندارد", "It has a receipt, but no submission"
    ),
    "enrichment has it, desk does not": Text(
        "شناسایی دارد، ولی میز کار نه", "Enrichment has it, the desk does not"
    ),
    "hydrating, and nobody fetches it": Text(
        "محتوایش نرسیده و کسی پی‌اش نیست", "Its content is missing and nobody fetches it"
    ),
    "enriched, scoring does not have it": Text(
        "شناسایی شده، ولی به امتیازدهی نرسیده", "Enriched, but scoring does not have it"
    ),
    "scored, routing does not have it": Text(
        "امتیاز گرفته، ولی به واگذاری نرسیده", "Scored, but routing does not have it"
    ),
    "desk is behind its stores": Text(
        "میز کار از دیگران عقب مانده", "The desk is behind the others"
    ),
}
"""What the books find missing, by the name of the check."""
SUBMISSION_STATES: Final = {
    "received": Text("رسیده", "Received"),
    "hydrating": Text("در حال گرفتن محتوا", "Content being fetched"),
    "enriched": Text("شناسایی‌شده", "Identified"),
    "scored": Text("امتیازگرفته", "Scored"),
    "assigned": Text("سپرده‌شده", "Assigned"),
    "waiting": Text("در صف", "Waiting"),
    "notified": Text("خبر داده شد", "Notified"),
    "undelivered": Text("خبر نرسید", "Undelivered"),
    "duplicate": Text("تماس دوباره", "In touch again"),
    "activity": Text("فعالیت", "Activity"),
    "quarantined": Text("برای بررسی", "Held for review"),
    "test": Text("آزمایشی", "Test"),
    "dead": Text("از راه مانده", "Dead"),
    "discarded": Text("کنار گذاشته", "Discarded"),
    "erased": Text("پاک‌شده", "Erased"),
}


def said(words: dict[str, Text], key: str | None) -> Text:
    """The words for a key; one without words stands for itself."""
    return words.get(key or "") or Text(key or "—", key or "—")
