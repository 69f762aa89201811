"""What must not be found where it does not belong: planted before, looked for after."""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

_PERSIAN: Final = str.maketrans("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩", "01234567890123456789")
_BETWEEN_DIGITS: Final = re.compile(r"(?<=\d)[ \-()\u200e\u2068\u2069]+(?=\d)")


def secret(prefix: str = "") -> str:
    """Something that nobody else would write."""
    return prefix + secrets.token_hex(12)


class Canaries:
    """Contact data of one person, and secrets; each is found again in any of its spellings."""

    def __init__(self) -> None:
        self.mark = secrets.token_hex(6)
        number = f"{secrets.randbelow(10**7):07d}"
        self.phone = f"0912{number}"
        self.name = f"نام {self.mark}"
        self.email = f"mail{self.mark}@nil.example"
        self.message = f"پیام {self.mark}"
        self.secrets: dict[str, str] = {}

    def secret(self, name: str, prefix: str = "") -> str:
        """A new one of this name."""
        return self.known(name, secret(prefix))

    def known(self, name: str, value: str) -> str:
        """One that was made elsewhere."""
        assert len(value) >= 12, name
        self.secrets[name] = value
        return value

    def found(self, text: str, *, contact_only: bool = False) -> list[str]:
        """The names of those that are in it."""
        plain = unquote(text)
        digits = _BETWEEN_DIGITS.sub("", plain.translate(_PERSIAN))
        told = ["contact"] if self._is_told(plain, text) else []
        told += ["phone"] if self.phone[1:] in digits else []
        if contact_only:
            return told
        return told + [n for n, value in self.secrets.items() if value in plain or value in text]

    def _is_told(self, plain: str, text: str) -> bool:
        return self.mark in plain or any(part in text for part in _encoded(self.mark))


def _encoded(text: str) -> Iterator[str]:
    """What base64 makes of it, wherever it stands."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + text.encode()).decode()
        yield whole[4 if before else 0 : -4]
