"""One harness under atheris: `python -m tests.fuzz.one NAME CORPUS [libFuzzer's options]`."""

from __future__ import annotations

import sys
from importlib import import_module


def main() -> None:
    """Fuzz until libFuzzer's time is over; it ends the process itself."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["services", "libs", "python_multipart", "msgspec"]):
        module = import_module("tests.fuzz.harnesses")
    harnesses, keep = module.HARNESSES, module.keep
    name = sys.argv[1]

    def tried(data: bytes) -> None:
        try:
            harnesses[name](data)
        except BaseException:
            keep(name, data)
            raise

    atheris.Setup([sys.argv[0], *sys.argv[2:]], tried)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
