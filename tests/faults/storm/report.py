"""What came of a run: one row a fault, and the numbers that decide."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.faults.storm.scene import SOMETIMES
from tests.faults.storm.verdict import Verdict


@dataclass
class Injected:
    """One fault, each time that it was done."""

    name: str
    row: str
    windows: list[tuple[float, float]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@dataclass
class Window:
    """What the ledger says of the time of one fault."""

    answered: int = 0
    good: int = 0
    spooled: int = 0
    p99_ms: float = 0.0
    recovery: float = 0.0
    """Seconds from the end of the fault until a lead that was accepted after it was told."""


def measured(lines: list[dict[str, Any]], injected: Injected) -> Window:
    """Over all its times."""
    window, times = Window(), []
    for began, ended in injected.windows:
        for line in lines:
            if line["what"] == "answered" and began <= line["at"] <= ended:
                window.answered += 1
                window.good += 200 <= line["status"] < 300
                window.spooled += line["durability"] == "spooled"
                times.append(float(line["ms"]))
        window.recovery = max(window.recovery, _recovery(lines, ended))
    times.sort()
    window.p99_ms = times[int(len(times) * 0.99)] if times else 0.0
    return window


def _recovery(lines: list[dict[str, Any]], ended: float) -> float:
    """How long after it a lead accepted after it was told of; 0 where none could be."""
    fresh: set[str] = set()
    for line in lines:
        if line["at"] < ended:
            continue
        if line["what"] == "answered" and line["submission"]:
            fresh.add(line["submission"])
        elif line["what"] == "told" and line["submission"] in fresh:
            return float(line["at"]) - ended
    return 0.0


def faults_table(lines: list[dict[str, Any]], done: list[Injected]) -> Table:
    """One row a fault."""
    table = Table(title="Faults", title_justify="left")
    for head in ("row", "fault", "times", "2xx", "p99 ms", "fresh lead after", "seen"):
        table.add_column(head, justify="left" if head in {"row", "fault", "seen"} else "right")
    for injected in done:
        window = measured(lines, injected)
        seen = "; ".join(injected.failed) or injected.seen[-1] if injected.seen else "-"
        table.add_row(
            injected.row,
            injected.name,
            str(len(injected.windows)),
            f"{100 * window.good / window.answered:.0f} %" if window.answered else "-",
            f"{window.p99_ms:.0f}",
            f"{window.recovery:.1f} s",
            escape(seen),
        )
    return table


def numbers(verdict: Verdict, more: dict[str, Any], sometimes: Counter[str]) -> Table:
    """What decides."""
    table = Table(title="Numbers", title_justify="left", show_header=False)
    counts = verdict.counts
    rows = {
        "accepted submissions": verdict.accepted,
        "persons / leads": f"{verdict.persons} / {verdict.leads}",
        **more,
        "missing": counts["missing"],
        "spurious": counts["spurious"],
        "corrupted": counts["corrupted"],
        "told twice": counts["doubled"],
        "never told": counts["untold"],
        "unknown and escalated": counts["escalated"],
        "ids that changed": counts["changed_id"],
        "loss per kill, at most (95 %)": f"{300 / max(3, more['kills']):.1f} %",
        "books": "balanced" if verdict.books.get("balanced") else str(verdict.books),
        "ends": ", ".join(f"{name} {count}" for name, count in verdict.states.most_common()),
        **{f"met: {name}": sometimes[name] for name in SOMETIMES},
    }
    for name, value in rows.items():
        table.add_row(name, escape(str(value)))
    return table


def complaints(verdict: Verdict, done: list[Injected]) -> list[str]:
    """Why the run is not good; empty when it is."""
    wrong = [
        f"{verdict.counts[what]} {what}"
        for what in ("missing", "spurious", "corrupted", "doubled", "untold", "changed_id")
        if verdict.counts[what]
    ]
    if not verdict.books.get("balanced") or verdict.books.get("in_flight"):
        wrong.append(f"the books: {verdict.books}")
    wrong += [f"{each.name}: {text}" for each in done for text in each.failed]
    return wrong


def show(console: Console, *tables: Table) -> None:
    """Print them."""
    for table in tables:
        console.print(table)
