"""`sarnakh import FILE`: shows what it is, counts, asks on which ground, and puts it in."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from libs.common.events.values import Text
from libs.common.refusal import Refusal
from libs.common.settings import Settings
from libs.common.terminal import language, spoken
from services.commands.asking import ask, call
from services.commands.lists import Basis, Said
from services.commands.printing import say

LOOK_SECONDS: Final = 0.3
_SHOWN: Final = 10
"""Rows that are left out and told on the terminal."""
_BASES: Final = {
    Basis.CONSENT: Text("خودشان رضایت داده‌اند", "they gave their consent"),
    Basis.CONTRACT: Text(
        "مشتری ما هستند یا قرارداد داریم", "they are customers, or under contract"
    ),
    Basis.LEGITIMATE_INTEREST: Text("نفع مشروع", "legitimate interest"),
    Basis.PUBLIC_DIRECTORY: Text("فهرست عمومی یا نمایشگاه", "a public directory"),
    Basis.BOUGHT_LIST: Text("فهرست خریداری‌شده", "a bought list"),
}
COUNTS: Final = {
    "new": Text("تازه", "new"),
    "earlier": Text("پیش‌تر وارد شده", "put in before"),
    "repeated": Text("تکراری در همین فایل", "repeated in this file"),
    "without_contact": Text("بی راه تماس", "without contact"),
    "unusable_phone": Text("شمارهٔ نادرست", "unusable phone"),
    "unusable_email": Text("ایمیل نادرست", "unusable e-mail"),
    "digits_lost": Text("رقم‌ها را اکسل از بین برده", "digits cut by Excel"),
    "too_many_cells": Text("خانه‌های اضافی", "too many cells"),
    "too_long": Text("بیش از اندازه بلند", "too long"),
}
"""What became of rows, in the order in which it is told."""
_SHARED: Final = Text(
    "ردیف‌هایی با شماره، ایمیل یا شناسهٔ ردیفی پیش‌تر: {n} (هر شخص یک سرنخ می‌شود).",
    "Rows with a phone, e-mail or handle of an earlier line: {n} (one person is one lead).",
)

_BEHIND: Final = Text(
    "در صف است؛ فهرست‌های جلوتر: {n}", "It waits for its turn; lists before it: {n}"
)

Found = Mapping[str, Any]


def bring(
    settings: Settings, file: Path, said: Said, errors: Path | None, *, dry_run: bool
) -> None:
    """The whole command. Raises Refusal."""
    if said.basis is None:
        _somebody_can_be_asked()
    brought = _sent(settings, file)
    path = f"/api/imports/{brought['id']}"
    if brought["state"] in {"running", "stopped"} and not dry_run:
        say(spoken(Text("از همان‌جا که ماند ادامه می‌دهد.", "It goes on where it stopped.")))
    else:
        _show(brought)
        choice = said.choice(said.basis or _asked_basis())
        ask(settings, "POST", f"{path}/check", json=choice)
        checked = _followed(settings, path, "checking", lambda now: int(now["rows"] or 0))
        _told(checked["checked"], checked["examples"])
    if errors:
        errors.write_bytes(call(settings, "GET", f"{path}/errors", {"lang": language()}).content)
    if dry_run:
        if brought["state"] == "new":
            ask(settings, "POST", f"{path}/forget")
        say(spoken(Text("هیچ چیز وارد نشد (آزمایشی).", "Nothing was put in (dry run).")))
        return
    ask(settings, "POST", f"{path}/start")
    try:
        done = _followed(settings, path, "running", lambda now: int(now["rows"] or 0))
    except KeyboardInterrupt:
        ask(settings, "POST", f"{path}/stop")
        raise Refusal(
            "متوقف شد؛ همین فرمان را دوباره بزنید تا ادامه دهد.",
            "Stopped; run the same command again and it goes on.",
        ) from None
    _told(done["counts"], ())


def _sent(settings: Settings, file: Path) -> Found:
    try:
        content = file.open("rb")
    except OSError as error:
        raise Refusal(f"{file} خوانده نمی‌شود.", f"{file} cannot be read.") from error
    with content:
        query = {"name": file.name, "lang": language()}
        return ask(settings, "POST", "/api/imports", query, content=content)


def _somebody_can_be_asked() -> None:
    """Before anything is sent. Raises Refusal where nobody sits there."""
    if not sys.stdin.isatty():
        names = ", ".join(basis.value for basis in Basis)
        raise Refusal(
            f"با --basis بگویید چرا می‌شود با این‌ها تماس گرفت: {names}",
            f"Say with --basis why these people may be contacted: {names}",
        )


def _asked_basis() -> str:
    names = [basis.value for basis in Basis]
    say(spoken(Text("چرا می‌شود با این‌ها تماس گرفت؟", "Why may these people be contacted?")))
    for number, basis in enumerate(Basis, 1):
        say(f"  {number}. {spoken(_BASES[basis])} ({basis.value})")
    while True:
        typed = input("> ").strip()
        if typed in names:
            return typed
        if typed.isdecimal() and 1 <= int(typed) <= len(names):
            return names[int(typed) - 1]


def _show(brought: Found) -> None:
    """What each column holds, and the first rows as they will be."""
    holds = {each["name"]: each["ours"] for each in brought["columns"]}
    for name, ours in holds.items():
        say(f"  {name} → {ours or spoken(Text('همان‌طور که هست', 'kept as it is'))}")
    names = list(dict.fromkeys(n for row in brought["preview"] for n in row["contact"]))
    table = Table("", *names, box=None)
    for row in brought["preview"]:
        left_out = COUNTS[row["code"]] if row["code"] else None
        cells = [row["contact"].get(name, "") for name in names]
        table.add_row(str(row["line"]), *([spoken(left_out)] if left_out else cells))
    Console(highlight=False, markup=False).print(table)


def _followed(
    settings: Settings, path: str, state: str, whole: Callable[[Found], int]
) -> dict[str, Any]:
    """Wait until it is in another state, with a bar. Raises Refusal where it failed."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), disable=not sys.stdout.isatty()) as bar:
        words = (
            Text("بررسی", "checking") if state == "checking" else Text("وارد کردن", "putting in")
        )
        task, told = bar.add_task(spoken(words), total=None), 0
        while True:
            now = ask(settings, "GET", path, {"lang": language()})
            bar.update(task, completed=now["position"], total=whole(now) or None)
            if now["state"] != state:
                break
            if (behind := now.get("behind", 0)) and behind != told:
                told = behind
                bar.console.print(spoken(_BEHIND).replace("{n}", str(told)), markup=False)
            time.sleep(LOOK_SECONDS)
    if now["state"] == "failed":
        raise Refusal(now["problem"]["text"], now["problem"]["text"])
    if now["state"] == "stopped":
        raise Refusal("متوقف شد.", "It was stopped.")
    return now


def _told(counts: Mapping[str, int], examples: Any) -> None:
    for name, words in COUNTS.items():
        if counts.get(name):
            say(f"  {counts[name]:>7}  {spoken(words)}")
    if shared := counts.get("shared"):
        say(spoken(Text(*(each.replace("{n}", str(shared)) for each in (_SHARED.fa, _SHARED.en)))))
    for one in examples[:_SHOWN]:
        line = Text(f"ردیف {one['line']}", f"line {one['line']}")
        say(f"  {spoken(line)}: {one['text']}")
