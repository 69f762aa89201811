"""`python -m tests.fuzz [--seconds 600] [NAME …]`: atheris on each parser, two at a time.

atheris (Apache-2.0) is not in the lock: it has no wheels for every Python and machine. Where it
is missing (`pip install atheris`), this says so and does nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz.harnesses import HARNESSES, keep, kept, seeds
from tests.fuzz.one import LONGEST_OF_ONE

AT_ONCE = 2
LONGEST = 20_000
LONGEST_WAIT = 20
"""A process that gets less than a twentieth of a processor ends by the clock on the wall; one input
that takes this many times its longest (see `one`) never ends."""


def fuzz(name: str, seconds: int) -> int:
    """One parser in a process of its own; what it finds becomes a test. Gives how many it found."""
    before = kept(name)
    with tempfile.TemporaryDirectory(prefix=f"sarnakh-fuzz-{name}-") as folder:
        corpus, crashes = Path(folder, "corpus"), Path(folder, "crashes")
        corpus.mkdir()
        crashes.mkdir()
        for number, data in enumerate([*seeds(name), *(file.read_bytes() for file in before)]):
            (corpus / str(number)).write_bytes(data)
        options = [
            f"-max_total_time={seconds * LONGEST_WAIT}",
            f"-max_len={LONGEST}",
            f"-artifact_prefix={crashes}/",
            f"-timeout={LONGEST_OF_ONE * LONGEST_WAIT:.0f}",
            f"-report_slow_units={LONGEST_OF_ONE * LONGEST_WAIT:.0f}",  # by the clock on the wall
            "-rss_limit_mb=1500",
            "-print_final_stats=1",
        ]
        ended = subprocess.run(
            [sys.executable, "-m", "tests.fuzz.one", str(seconds), name, str(corpus), *options],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        for file in crashes.iterdir():  # what hung or ran out of memory
            keep(name, file.read_bytes())
    found = [file for file in kept(name) if file not in before]
    runs = [line for line in ended.stderr.splitlines() if "number_of_executed_units" in line]
    _say(f"{name}: {(runs or ['ended early'])[0].rpartition(' ')[2]} inputs, {len(found)} found")
    if (ended.returncode and not runs) or found:
        _say("\n".join(ended.stderr.splitlines()[-40:] + ended.stdout.splitlines()[-40:]))
    for file in found:
        _say(f"  kept as {file}")
    return len(found) or int(bool(ended.returncode))


def main() -> int:
    """All parsers, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*HARNESSES, []], metavar="NAME")
    parser.add_argument("--seconds", type=int, default=600, help="of a processor, for each (600)")
    given = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        _say("atheris is not installed here, so nothing is fuzzed: pip install atheris")
        return 0
    names = given.names or list(HARNESSES)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return int(any(list(pool.map(lambda name: fuzz(name, given.seconds), names))))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
