"""What the file may say already and the program does not do yet: a warning at start, no error.

Whoever builds a part deletes its line here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from libs.common.configuration.problems import Lines, Path, Problem

BUILT_CHANNELS: Final = ("console", "webhook", "email", "telegram", "bale")
CHANNELS: Final = (*BUILT_CHANNELS, "rubika", "slack", "sms")

PARTS: Final[tuple[tuple[Path, str, str], ...]] = (
    (
        ("privacy", "retention", "lead"),
        "پاک‌کردن خودکار بعد از این مدت هنوز ساخته نشده",
        "nothing is deleted after this time yet",
    ),
)


def warnings(written: dict[str, Any], lines: Lines) -> Iterator[Problem]:
    """A warning for each part of the file that has no effect yet."""
    for pattern, fa, en in PARTS:
        for path, value in _found(written, pattern, ()):
            if value not in (None, "organisation", [], {}):
                yield lines.problem(path, fa, en)
    routes = ("teams", "*", "specialists", "*", "notify", "*", "channel")
    for path, channel in _found(written, routes, ()):
        if channel not in BUILT_CHANNELS:
            yield lines.problem(
                path,
                f"کانال {channel} هنوز ساخته نشده؛ پیامی از آن نمی‌رود",
                f"channel {channel} is not built yet; nothing is sent by it",
            )


def _found(value: Any, pattern: Path, path: Path) -> Iterator[tuple[Path, Any]]:
    if not pattern:
        yield path, value
    elif pattern[0] == "*":
        for place, each in enumerate(value if isinstance(value, list) else ()):
            yield from _found(each, pattern[1:], (*path, place))
    elif isinstance(value, dict) and pattern[0] in value:
        yield from _found(value[pattern[0]], pattern[1:], (*path, pattern[0]))
