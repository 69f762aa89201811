"""Looks at everything in turn and prints what was found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import structlog
from rich.console import Console
from rich.table import Table

from libs.common.events.values import Text
from libs.common.settings import Settings
from libs.common.terminal import language, spoken
from services.commands.doctor import LOOKS
from services.commands.doctor.finding import Finding, Look, fail
from services.commands.printing import progress, say

_MARKS: Final = {"ok": "[green]✓[/]", "warn": "[yellow]![/]", "fail": "[red]✗[/]"}
_LOOKING: Final = Text("نگاه می‌کنم …", "Looking …")
_WELL: Final = Text("همه چیز آماده است.", "Everything is in place.")
_ODD: Final = Text("کار می‌کند، با {warn} هشدار.", "It works, with {warn} warnings.")
_ILL: Final = Text(
    "{fail} چیز کم است یا درست نیست.", "{fail} things are missing or not as they must be."
)


async def examine(settings: Settings, *, as_json: bool, looks: Sequence[Look] = LOOKS) -> bool:
    """Print all findings; gives whether nothing has failed."""
    findings: list[Finding] = []
    if as_json:
        for look in looks:
            findings += await _looked(look, settings)
        say(json.dumps([_plain(each) for each in findings], ensure_ascii=False))
    else:
        with progress() as said:
            said(spoken(_LOOKING))
            for look in looks:
                findings += await _looked(look, settings)
        _print(findings)
    return all(each.verdict != "fail" for each in findings)


async def _looked(look: Look, settings: Settings) -> Sequence[Finding]:
    """One look; what it could not foresee is a finding too, and the others go on."""
    try:
        return await look(settings)
    except Exception as error:
        name = look.__name__.replace("_", " ")
        structlog.get_logger("doctor").exception("look failed", look=name)
        kind = type(error).__name__
        seen = Text(f"بررسی نشد ({kind})", f"could not be looked at ({kind})")
        advice = Text("این خطای ماست؛ لاگ را بفرستید", "this is a fault of ours: send us the log")
        return [fail(name, seen, advice)]


def _plain(finding: Finding) -> dict[str, object]:
    advice = finding.advice
    return {
        "about": finding.about,
        "verdict": finding.verdict,
        "seen": {"fa": finding.seen.fa, "en": finding.seen.en},
        "advice": {"fa": advice.fa, "en": advice.en} if advice else None,
    }


def _print(findings: Sequence[Finding]) -> None:
    table = Table(show_header=False, box=None, pad_edge=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for finding in findings:
        told = spoken(finding.seen).replace("[", r"\[")
        if finding.advice:
            told += "\n→ " + spoken(finding.advice).replace("[", r"\[")
        table.add_row(_MARKS[finding.verdict], finding.about, told)
    Console().print(table)
    counts = {each: sum(f.verdict == each for f in findings) for each in ("warn", "fail")}
    text = _ILL if counts["fail"] else _ODD if counts["warn"] else _WELL
    say(text.of(language()).format(**counts))
