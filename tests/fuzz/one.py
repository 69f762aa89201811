"""One harness under atheris: `python -m tests.fuzz.one SECONDS NAME CORPUS [libFuzzer's options]`.

SECONDS are of processor time, so that on a busy machine no less is tried. So is what one input may
take: a parser that stands still by the machine's fault has found nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module

LONGEST_OF_ONE = 5.0
"""Seconds of a processor for one input."""


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
            _in_time(harnesses[name], data)
        except BaseException:
            keep(name, data)
            raise

    atheris.Setup([sys.argv[0], *sys.argv[3:]], tried)
    atheris.Fuzz()


def _in_time(harness: Callable[[bytes], None], data: bytes) -> None:
    began = time.process_time()
    harness(data)
    if (took := time.process_time() - began) > LONGEST_OF_ONE:
        raise TimeoutError(f"{took:.1f} s of a processor for {len(data)} bytes")


if __name__ == "__main__":
    main()
