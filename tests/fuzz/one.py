"""One harness under atheris: `python -m tests.fuzz.one NAME CORPUS [libFuzzer's options]`."""

from __future__ import annotations

import sys
from importlib import import_module


def main() -> None:
    """Fuzz until libFuzzer's time is over; it ends the process itself."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["services", "libs", "python_multipart", "msgspec"]):
        harnesses = import_module("tests.fuzz.harnesses").HARNESSES
    harness = harnesses[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], harness)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
