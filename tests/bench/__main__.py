"""`python -m tests.bench [ROW ...]`: what `make bench` runs."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import signal
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from deploy.kafka.jars import KafkaUnavailable
from deploy.kafka.local import LocalKafka
from tests.bench.nodered import NodeRed, Unavailable
from tests.bench.place import Place
from tests.bench.result import Row, spread
from tests.bench.rows import ROWS

RESULTS: Final = Path("build") / "bench.json"
LOGS: Final = ("embedded", "kafka")
_PEERED: Final = {"capture", "everything"}
_console = Console()
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    rows: Annotated[list[str] | None, typer.Argument(help=f"Of: {', '.join(ROWS)}.")] = None,
    *,
    quick: Annotated[bool, typer.Option(envvar="QUICK", help="Only whether it runs.")] = False,
    long: Annotated[bool, typer.Option(envvar="LONG", help="Ten million persons.")] = False,
    logs: Annotated[str, typer.Option(envvar="LOGS", help="Of embedded,kafka.")] = ",".join(LOGS),
    peer: Annotated[bool, typer.Option(help="Run Node-RED beside it.")] = True,
) -> None:
    """Measure each row with its baseline in the same pair of runs; ratios are what counts."""
    chosen = rows or list(ROWS)
    wrong = [f"row {each}" for each in chosen if each not in ROWS]
    wrong += [f"log {each}" for each in logs.split(",") if each not in LOGS]
    if wrong:
        raise typer.BadParameter(f"unknown: {', '.join(wrong)}")
    signal.signal(signal.SIGTERM, _end)
    peered = _node_red() if peer and _PEERED & set(chosen) else None
    found = _measure(chosen, logs.split(","), (quick, long), peered)
    _print(found)
    _write(found, quick=quick)


def _end(_signal: int, _frame: object) -> None:
    """End as Ctrl-C does: whatever was started is ended too."""
    raise KeyboardInterrupt


def _measure(
    chosen: list[str], logs: list[str], how: tuple[bool, bool], peered: NodeRed | None
) -> list[Row]:
    found: list[Row] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        Progress(*columns, TimeElapsedColumn(), console=_console) as progress,
        tempfile.TemporaryDirectory(prefix="sarnakh-bench-") as folder,
    ):
        task = progress.add_task("", total=len(chosen) * len(logs))

        def said(what: str) -> None:
            progress.update(task, description=what)
            if not _console.is_terminal:
                _console.print(what)

        for log in logs:
            with _broker(log, Path(folder)) as broker:
                if broker is None:
                    progress.advance(task, len(chosen))
                    continue
                bootstrap, pid = broker
                place = Place(log, bootstrap, pid, *how, Path(folder), peered, said)
                for name in chosen:
                    found += uvloop.run(_timed(place, name))
                    progress.advance(task)
    return found


async def _timed(place: Place, name: str) -> list[Row]:
    return await ROWS[name](place)


@contextlib.contextmanager
def _broker(log: str, folder: Path) -> Iterator[tuple[str, int | None] | None]:
    """Bootstrap servers and the broker's process; None where there can be none."""
    if log == "embedded":
        yield "", None
        return
    named = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if named:
        _console.print(f"Kafka at {named}; its processor time is not counted.")
        yield named, None
        return
    kafka = LocalKafka(folder / "kafka")
    try:
        bootstrap = kafka.start()
    except KafkaUnavailable as error:
        _console.print(f"No figures on Kafka: {error}")
        yield None
        return
    try:
        yield bootstrap, int((folder / "kafka" / "0.pid").read_text())
    finally:
        kafka.stop()


def _node_red() -> NodeRed | None:
    try:
        return NodeRed()
    except Unavailable as error:
        _console.print(f"Without Node-RED beside it: {error}")
        return None


def _print(found: list[Row]) -> None:
    table = Table("", "log", "min / median / max", "", "baseline", "of it", "ratio", "", box=None)
    for row in found:
        table.add_row(
            row.name,
            row.log,
            spread(row.ours),
            row.unit,
            row.baseline_name,
            spread(row.baseline),
            spread(row.ratios),
            row.verdict,
        )
    _console.print(table)


def _write(found: list[Row], *, quick: bool) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "python": platform.python_version(),
        "load": os.getloadavg()[2],
        "quick": quick,
        "seconds": round(time.process_time(), 1),
    }
    content = {"about": about, "rows": [row.plain() for row in found]}
    RESULTS.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    _console.print(f"Written to {RESULTS}.")


if __name__ == "__main__":
    app()
