"""What the pages of errors say: what happened, and what to do."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
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
        "پایگاه داده پاسخ نمی‌دهد یا این سرنخ هنوز خوانده نشده؛ چیزی گم نشده. چند ثانیه دیگر دوباره "
        "بکوشید.",
        "The database does not answer, or this lead is yet to be read; nothing is lost. Try again "
        "in a few seconds.",
    ),
    "error_500": Text("خطایی از سوی ما", "Something went wrong on our side"),
    "error_500_do": Text(
        "ثبت شد تا رسیدگی شود. دوباره بکوشید.", "It has been noted. Please try again."
    ),
}
