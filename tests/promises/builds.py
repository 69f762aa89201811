"""A next build of the services: the same code, whose events have one field more."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

from tests.e2e.system import ROOT, System

FIELD = "added_by_the_next_build"
FILES = ("libs/common/events/payloads.py", "libs/common/events/values.py")
_LINE = f'    {FIELD}: str = msgspec.field(default_factory=lambda: "news")\n'
"""A default that a factory makes is always written, so every event of that build has it."""


def next_build(folder: Path) -> Path:
    """A copy of the tree, to be started from its own folder."""
    for part in ("libs", "services"):
        shutil.copytree(ROOT / part, folder / part)  # with what is compiled, and its files' times
    for name in FILES:
        path = folder / name
        path.write_text(with_one_field_more(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def with_one_field_more(text: str) -> str:
    """Each struct with the field at its end, where one may be added."""
    lines = text.splitlines(keepends=True)
    structs = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef) and any("Struct" in ast.unparse(b) for b in node.bases)
    ]
    for node in reversed(structs):
        lines.insert(node.end_lineno or 0, _LINE)
    return "".join(lines)


def start_from(build: Path, system: System, name: str, *arguments: str, **environment: str) -> None:
    """Start a process of the installation from that build's code."""
    with (system.folder / f"{name}.log").open("ab") as output:
        system.processes[name] = subprocess.Popen(
            [sys.executable, "-m", "services", *arguments],
            cwd=build,
            env=system.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
