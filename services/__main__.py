"""The command line: `sarnakh`, or `python -m services`."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line. Who is told to end before anything has begun ends well."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    from services.commands.line import app  # noqa: PLC0415 - seconds of imports, under that word

    app()


if __name__ == "__main__":
    main()
