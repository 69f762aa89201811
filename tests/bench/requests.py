"""The posts that are measured: every one another person's."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote_plus

TOKEN: Final = "bench-token"
_JSON: Final = (
    '{"name":"نیلوفر احمدی","phone":"0%d","email":"n%d@post.nil.example","company":"نیل",'
    '"message":"قیمت سئو را می‌خواهم","page_url":"https://nil.example/services/seo?utm_source=g",'
    '"utm":{"source":"google","medium":"cpc"},"budget":"200"}'
)
_FIRST: Final = 9_100_000_000
_MOST: Final = 99_000_000


class Numbers:
    """Hands out every number once in the life of this process."""

    def __init__(self) -> None:
        self._next = 0

    def take(self) -> int:
        """A mobile number without its zero."""
        self._next = (self._next + 1) % _MOST
        return _FIRST + self._next


NUMBERS: Final = Numbers()


def api(_n: int) -> bytes:
    """A lead as a program posts it, with its key as the proof."""
    number = NUMBERS.take()
    body = (_JSON % (number, number)).encode()
    return (
        b"POST /v1/leads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer bench-token\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    )


def form(_n: int) -> bytes:
    """A lead as a browser posts it."""
    number = NUMBERS.take()
    body = form_body(number).encode()
    return (
        b"POST /v1/forms/contact HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%b"
        % (len(body), body)
    )


def form_body(number: int) -> str:
    """The fields, urlencoded."""
    return f"{_PERSON}&phone=0{number}&email=n{number}%40post.nil.example"


_PERSON: Final = "&".join(
    f"{name}={quote_plus(value)}"
    for name, value in {
        "name": "نیلوفر احمدی",
        "company": "نیل",
        "message": "قیمت سئو را می‌خواهم",
        "page_url": "https://nil.example/services/seo?utm_source=g",
        "utm_medium": "cpc",
        "budget": "200",
    }.items()
)
