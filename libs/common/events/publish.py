"""Publishes the events' contract for other programs: `python -m libs.common.events.publish`.

The structs are the only definition; this writes what follows from them: a JSON Schema per topic
(`schemas/`) and docs/asyncapi.yaml. With `--baseline` the schemas also become what later changes
are held to (tests/fixtures/events/baseline), refused while they break an old reader.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from libs.common.events.asyncapi import asyncapi
from libs.common.events.compatibility import breaks
from libs.common.events.envelope import TYPES

_ROOT: Final = Path(__file__).resolve().parents[3]
SCHEMAS: Final = Path(__file__).resolve().parent / "schemas"
ASYNCAPI: Final = _ROOT / "docs" / "asyncapi.yaml"
BASELINE: Final = _ROOT / "tests" / "fixtures" / "events" / "baseline"


def schemas() -> dict[str, dict[str, Any]]:
    """The JSON Schema (draft 2020-12) of each topic's values, by topic."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    found = {
        topic: {**dialect, "title": topic, **msgspec.json.schema(struct)}
        for topic, struct in TYPES.values()
    }
    as_json: dict[str, dict[str, Any]] = json.loads(json.dumps(found))
    return as_json


def documents() -> dict[Path, str]:
    """Every generated file with its content."""
    files = {SCHEMAS / f"{topic}.json": _pretty(found) for topic, found in schemas().items()}
    return {**files, ASYNCAPI: asyncapi()}


def baseline() -> dict[str, dict[str, Any]]:
    """The schemas that readers out there were built by, by topic."""
    found = sorted(BASELINE.glob("*.schema.json"))
    return {path.name.removesuffix(".schema.json"): json.loads(path.read_text()) for path in found}


def broken() -> list[str]:
    """What today's structs break for readers and records of the baseline; empty when nothing."""
    today = schemas()
    return [
        f"{topic}: {problem}"
        for topic, old in baseline().items()
        for problem in (breaks(old, today[topic]) if topic in today else ["the topic is gone"])
    ]


def main(arguments: Sequence[str]) -> int:
    """Write the files; the exit status is 1 when a new baseline is refused."""
    files = documents()
    if "--baseline" in arguments:
        problems = broken()
        if problems:
            sys.stderr.write("\n".join(problems) + "\n")
            return 1
        for topic, found in schemas().items():
            files[BASELINE / f"{topic}.schema.json"] = _pretty(found)
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return 0


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
