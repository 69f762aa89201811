"""A hundred thousand rows are read in little memory, measured in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[4]
ROWS = 100_000
MOST = 48 * 1024
"""KiB above what the process had before; the marks of all rows alone take half of it."""
READ = """
import resource, sys
from collections import Counter
from pathlib import Path
from services.desk.imports.check import judged
from services.desk.imports.choice import Choice
from services.desk.imports.table import look
from services.desk.imports.readings import reading

def held():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

path, before = Path(sys.argv[1]), held()
shape = look(path)
how = reading(shape, Choice(basis="consent"), "IR", b"salt")
found = Counter(type(one.verdict).__name__ for one in judged(path, shape, how))
print(found["Taken"], found["Refused"], held() - before)
"""


def test_a_hundred_thousand_rows_take_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("name,phone,note\n")
        file.writelines(
            f"x{n},0912{n:07},{'a longer note of what they want ' * 3}{n}\n"
            for n in range(1_000_000, 1_000_000 + ROWS - 1)
        )
        file.write("nobody,,\n")
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    taken, refused, more = map(int, done.stdout.split())
    assert (taken, refused) == (ROWS - 1, 1)
    assert more < MOST, f"{more // 1024} MiB"
