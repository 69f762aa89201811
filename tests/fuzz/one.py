"""One harness under atheris: `python -m tests.fuzz.one SECONDS NAME CORPUS [libFuzzer's options]`.

SECONDS are of processor time, so that on a busy machine no less is tried.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from importlib import import_module


def main() -> None:
    """Fuzz until the time is over; libFuzzer then says what it did and ends the process itself."""
    atheris = import_module("atheris")
    with atheris.instrument_imports(include=["services", "libs", "python_multipart", "msgspec"]):
        module = import_module("tests.fuzz.harnesses")
    harnesses, keep = module.HARNESSES, module.keep
    seconds, name = float(sys.argv[1]), sys.argv[2]

    def tried(data: bytes) -> None:
        if time.process_time() > seconds:
            os.kill(os.getpid(), signal.SIGUSR1)
        try:
            harnesses[name](data)
        except BaseException:
            keep(name, data)
            raise

    atheris.Setup([sys.argv[0], *sys.argv[3:]], tried)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
