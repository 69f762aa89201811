"""What can be wrong with a request: RFC 9457 problem documents, in the reader's language."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from libs.common.events import Text

TITLES: Final[dict[int, Text]] = {
    400: Text("درخواست خوانده نشد", "The request could not be read"),
    401: Text("هویت فرستنده تأیید نشد", "The sender could not be proven"),
    403: Text("اجازهٔ این کار داده نشد", "This is not allowed"),
    404: Text("چنین نشانی‌ای نیست", "There is nothing at this address"),
    405: Text("این نشانی این کار را نمی‌پذیرد", "This address does not take this method"),
    409: Text(
        "درخواستی با همین کلید هنوز در دست انجام است",
        "A request with the same key is still in work",
    ),
    413: Text("حجم درخواست بیش از اندازه است", "The request is too large"),
    415: Text("این نوع محتوا پذیرفته نیست", "This type of content is not taken"),
    421: Text("این درخواست برای میزبان دیگری است", "The request is meant for another host"),
    422: Text("اطلاعات کامل نیست", "Something is missing or not as it should be"),
    429: Text(
        "درخواست‌ها بیش از اندازه است؛ کمی بعد دوباره بفرستید",
        "Too many requests; please send again a little later",
    ),
    500: Text("خطایی از سوی ما رخ داد", "Something went wrong on our side"),
    503: Text(
        "اکنون نمی‌توانیم بپذیریم؛ کمی بعد دوباره بفرستید",
        "Nothing can be accepted right now; please send again shortly",
    ),
}

NO_CONTACT: Final = Text(
    "راهی برای تماس ننوشته‌اید: شمارهٔ تلفن یا ایمیل را پر کنید.",
    "There is no way to reach you: fill in a phone number or an e-mail.",
)


class Problem(Exception):
    """Ends a request with that status. `fields` are names of fields, never their values."""

    def __init__(
        self,
        status: int,
        detail: Text | None = None,
        *,
        fields: tuple[str, ...] = (),
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail
        self.fields = fields
        self.headers = headers

    def document(self, language: str) -> bytes:
        """The problem document."""
        content: dict[str, Any] = {
            "type": "about:blank",
            "title": TITLES[self.status].of(language),
            "status": self.status,
        }
        if self.detail is not None:
            content["detail"] = self.detail.of(language)
        if self.fields:
            content["fields"] = self.fields
        return msgspec.json.encode(content)


def retry_after(seconds: int) -> tuple[tuple[bytes, bytes], ...]:
    """The header that says when to come again."""
    return ((b"retry-after", b"%d" % seconds),)


def wrong_type(field: str) -> Problem:
    """A field of the wrong JSON type."""
    return Problem(
        422,
        Text(f"نوع مقدار «{field}» درست نیست.", f"The value of “{field}” is of the wrong type."),
        fields=(field,),
    )


def missing(fields: tuple[str, ...]) -> Problem:
    """Required fields that are empty."""
    names = "، ".join(fields), ", ".join(fields)
    return Problem(
        422,
        Text(f"این‌ها را هم پر کنید: {names[0]}", f"Please fill in as well: {names[1]}"),
        fields=fields,
    )


def unreadable(fa: str, en: str) -> Problem:
    """A body that is not what it says it is."""
    return Problem(400, Text(fa, en))
