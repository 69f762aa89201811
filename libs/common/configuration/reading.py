"""From a path to text: what is no readable text of a fair size is refused, and never waited for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from libs.common.configuration.problems import Invalid, Problem
from libs.common.events.values import Text
from libs.common.refusal import Refusal

LARGEST: Final = 1 << 20
"""Bytes of a file; a firm of hundreds of specialists and pages needs a tenth of that."""

_ABSENT: Final = Text("چنین پرونده‌ای نیست", "there is no such file")
_FORBIDDEN: Final = Text("اجازهٔ خواندنش نیست", "there is no permission to read it")
_NO_FILE: Final = Text("پوشه یا دستگاه است، نه پرونده", "it is a folder or a device, not a file")
_BROKEN: Final = Text("سیستم‌عامل خطا داد", "the system gave an error")
_REASONS: Final = {
    errno.ENOENT: _ABSENT,
    errno.ENOTDIR: _ABSENT,
    errno.EACCES: _FORBIDDEN,
    errno.EPERM: _FORBIDDEN,
    errno.EISDIR: _NO_FILE,
}


def read(path: Path) -> str:
    """The file's text. Raises Refusal where there is no file, Invalid where there is no text."""
    try:
        with open(path, "rb", opener=_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _unreadable(path, _NO_FILE)
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, _REASONS.get(error.errno or 0, _BROKEN)) from error
    return as_text(content)


def as_text(content: bytes) -> str:
    """The text of a file's bytes. Raises Invalid where it is too large or no UTF-8."""
    if len(content) > LARGEST:
        raise Invalid([Problem(0, "", Text("بزرگ‌تر از ۱ مبی‌بایت است", "is larger than 1 MiB"))])
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        words = Text("متن UTF-8 نیست", "is not UTF-8 text")
        raise Invalid([Problem(line, "", words)]) from None


def _at_once(path: str, flags: int) -> int:
    """Opens a pipe too without waiting for whoever writes into it."""
    return os.open(path, flags | os.O_NONBLOCK)


def _unreadable(path: Path, reason: Text) -> Refusal:
    return Refusal(
        f"پروندهٔ پیکربندی {path} خوانده نمی‌شود: {reason.fa}.",
        f"The configuration file {path} cannot be read: {reason.en}.",
    )
