"""What the page of codes says: what each brought, and how a new one is made."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "codes": Text("کدهای QR", "QR codes"),
    "codes_question": Text(
        "هر کد روی کاغذ در ۳۰ روز گذشته چه آورده؟", "What has each printed code brought in 30 days?"
    ),
    "codes_scans": Text("اسکن", "scans"),
    "codes_leads": Text("سرنخ", "leads"),
    "codes_kiosk": Text("از آن‌ها پای تبلت", "of them at a tablet"),
    "codes_last": Text("آخرین اسکن", "last scan"),
    "codes_never": Text("هنوز اسکن نشده", "never scanned"),
    "codes_says": Text("روی کاغذ", "On paper"),
    "codes_leads_to": Text("می‌رود به", "Leads to"),
    "codes_draw": Text("برای چاپ (SVG)", "To print (SVG)"),
    "codes_png": Text("تصویر (PNG)", "Picture (PNG)"),
    "codes_empty": Text("هنوز کدی در پیکربندی نیست", "No codes are configured yet"),
    "codes_empty_do": Text("پایین همین صفحه یکی بسازید.", "Make one at the bottom of this page."),
    "codes_new": Text("کد تازه", "A new code"),
    "codes_code": Text("کد (حروف انگلیسی و رقم)", "Code (letters and digits)"),
    "codes_target": Text("نشانی مقصد", "Where it leads"),
    "codes_label": Text("برچسب برای همکاران", "What staff call it"),
    "codes_campaign": Text("کمپین", "Campaign"),
    "codes_booth": Text("غرفه یا محل نصب", "Booth or place"),
    "codes_make": Text("بساز", "Make it"),
    "codes_line_do": Text(
        "این خط را زیر qr: در پیکربندی بگذارید؛ تا یک ثانیه بعد به کار می‌افتد. "
        "پیش از آن چاپش نکنید.",
        "Put this line below qr: in the configuration; it works a second later. "
        "Do not print before.",
    ),
    "codes_taken": Text(
        "این کد از پیش هست؛ نام دیگری بگذارید.", "This code exists; choose another name."
    ),
    "codes_odd_code": Text(
        "کد فقط از حروف انگلیسی، رقم، خط تیره و زیرخط ساخته می‌شود، مانند expo26.",
        "A code is made of letters, digits, hyphens and underscores, like expo26.",
    ),
    "codes_odd_target": Text(
        "مقصد باید نشانی کامل وب باشد، مانند https://nil.example/expo.",
        "The target must be a whole web address, like https://nil.example/expo.",
    ),
    "codes_not_public": Text(
        "SARNAKH_PUBLIC_URL تنظیم نشده؛ این کدها فقط روی همین دستگاه باز می‌شوند. چاپشان نکنید.",
        "SARNAKH_PUBLIC_URL is not set: these codes open on this machine only. Do not print them.",
    ),
}
