"""The machine: Python, its fast parts, time zones, open files."""

from __future__ import annotations

import importlib.util
import platform
import resource
import sys
from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from libs.common.events.values import Text
from libs.common.settings import Settings
from services.commands.doctor.finding import Finding, fail, ok, warn

OLDEST_PYTHON: Final = (3, 11)
_FAST: Final = ("httptools", "uvloop")
_ZONES: Final = ("Asia/Tehran", "UTC")
FEWEST_FILES: Final = 1024
ENOUGH_FILES: Final = 4096
"""Open files: a visitor is one, a spool segment is one, a connection is one."""


async def python(_settings: Settings) -> Sequence[Finding]:
    """Its version, and the parts without which it is several times slower."""
    return [of_version(sys.version_info[:2]), *(of_module(name) for name in _FAST)]


def of_version(version: tuple[int, int]) -> Finding:
    """Whether this Python is new enough."""
    shown = ".".join(map(str, version))
    if version >= OLDEST_PYTHON:
        return ok("python", f"پایتون {platform.python_version()}", f"Python {shown}")
    return fail(
        "python",
        Text(f"پایتون {shown} قدیمی است", f"Python {shown} is too old"),
        Text("پایتون ۳٫۱۱ یا تازه‌تر نصب کنید", "install Python 3.11 or newer"),
    )


def of_module(name: str) -> Finding:
    """Whether a module is there."""
    if importlib.util.find_spec(name) is not None:
        return ok(name, "نصب است", "installed")
    return fail(
        name,
        Text("نصب نیست", "not installed"),
        Text(
            "محیط را دوباره از requirements.lock بسازید: make setup",
            "install from requirements.lock again: make setup",
        ),
    )


async def zones(_settings: Settings) -> Sequence[Finding]:
    """Whether local times can be computed at all."""
    return [of_zones(_ZONES)]


def of_zones(names: Sequence[str]) -> Finding:
    """Whether each zone's data is on this machine."""
    for name in names:
        try:
            ZoneInfo(name)
        except ZoneInfoNotFoundError:
            return fail(
                "time zones",
                Text(f"دادهٔ منطقهٔ زمانی {name} نیست", f"no data of the zone {name}"),
                Text("بستهٔ tzdata را نصب کنید", "install the package tzdata"),
            )
    return ok("time zones", "داده‌هایشان هست", "their data is here")


async def open_files(_settings: Settings) -> Sequence[Finding]:
    """How many files and sockets this process may hold."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return [of_open_files(ENOUGH_FILES if soft == resource.RLIM_INFINITY else soft)]


def of_open_files(limit: int) -> Finding:
    """Judge the limit."""
    advice = Text(
        "پیش از اجرا: ulimit -n 65536 (در systemd: LimitNOFILE)",
        "before the start: ulimit -n 65536 (systemd: LimitNOFILE)",
    )
    seen = Text(f"حداکثر {limit} پرونده و اتصال باز", f"at most {limit} open files and connections")
    if limit < FEWEST_FILES:
        return fail("open files", seen, advice)
    if limit < ENOUGH_FILES:
        return warn("open files", seen, advice)
    return ok("open files", seen.fa, seen.en)
