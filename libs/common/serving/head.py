"""The head of a request made fit for a strict parser, without a change to how it is framed.

A control character in a header must not lose a submission, and the parser's lenient mode would
also let folded lines and two framings through (RFC 9112, sections 5.2 and 6.3). So only the
characters are replaced, by a byte that the parser takes in the value of a header and nowhere
else: in a name, a length or a transfer coding it is refused as before.
"""

from __future__ import annotations

import re
from typing import Final

END: Final = b"\r\n\r\n"
_MARK: Final = b"\xff"
_UNFIT: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNFIT_IN_TARGET: Final = re.compile(rb"[^\x20-\x7e\r\n]")
_UPGRADE: Final = re.compile(rb"(?<=\n)upgrade(?=:)", re.IGNORECASE)
_PERHAPS: Final = re.compile(rb"(?<=\n)(?:upgrade?|upgra|upgr|upg|up|u)\Z", re.IGNORECASE)
"""The beginning of that name where a read ends: it waits for the next read."""
_NOT_ASKED: Final = b"x-asked"
"""The parser leaves the body of whoever offers another protocol (HTTP/2 clients on plain http);
we take none, and a server may pass over the offer (RFC 9110, section 7.8)."""
_FIT: Final = bytes(range(0x20, 0x7F)) + b"\r\n"
_FIRST_LINE: Final = re.compile(rb"[\r\n]*[^\n]*")
_REST_OF_LINE: Final = re.compile(rb"[^\n]*")


class Head:
    """One head as its bytes come in, in however many reads."""

    def __init__(self) -> None:
        self._before = b""
        self._line_begun = False
        self._line_over = False
        self.marked = False
        """Whether anything in a value had to be replaced."""
        self._last = b""
        self._waiting = b""

    def length(self, data: bytes, at: int = 0) -> int:
        """How many bytes from there on can belong to the head; what follows may be a body."""
        if self._before:
            found = (self._before + data[at : at + len(END)]).find(END)
            if 0 <= found < len(self._before):
                return found + len(END) - len(self._before)
        found = data.find(END, at)
        return (len(data) if found < 0 else found + len(END)) - at

    def fit(self, part: bytes) -> bytes:
        """The same bytes for the parser."""
        if not self._before and part.endswith(END) and _is_fit(part):
            return part
        self._before = (self._before + part[-len(END) :])[1 - len(END) :]
        line = b"" if self._line_over else self._line(part)
        rest = self._unasked(part[len(line) :] if line else part)
        fields, marks = _UNFIT.subn(_MARK, rest)
        self.marked = self.marked or marks > 0
        return _UNFIT_IN_TARGET.sub(_encoded, line) + fields if line else fields

    def value(self, value: bytes) -> bytes:
        """The value of a header, without what had to be replaced."""
        return value.replace(_MARK, b"")

    def _unasked(self, part: bytes) -> bytes:
        """Without an offer of another protocol, in whichever reads its name comes."""
        seen = self._last + self._waiting + part
        perhaps = None if seen.endswith(END) else _PERHAPS.search(seen)
        self._waiting = perhaps[0] if perhaps else b""
        whole = seen[: len(seen) - len(self._waiting)]
        said = _UPGRADE.sub(_NOT_ASKED, whole)[len(self._last) :]
        self._last = whole[-1:]
        return said

    def _line(self, part: bytes) -> bytes:
        pattern = _REST_OF_LINE if self._line_begun else _FIRST_LINE
        found = pattern.match(part)
        line = found[0] if found else b""
        self._line_begun = self._line_begun or bool(line.strip(b"\r\n"))
        self._line_over = self._line_begun and len(line) < len(part)
        return line if line.strip(b"\r\n") else b""


def _is_fit(head: bytes) -> bool:
    """Whether there is nothing in a whole head to be made fit, as in nearly every one."""
    return not head.translate(None, _FIT) and b"upgrade" not in head.lower()


def _encoded(found: re.Match[bytes]) -> bytes:
    return b"%%%02X" % found[0][0]
