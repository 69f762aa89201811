"""Whether the lock pins what is known to be vulnerable, offline: `python -m deploy.audit`.

Compared with `deploy/advisories.json`, a dated list that is replaced now and then. It ends with
status 1 for anything high or critical that is not waived until a later day.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec
from packaging.utils import canonicalize_name
from packaging.version import Version

from deploy.sbom import LOCK, pinned

LIST: Final = Path(__file__).parent / "advisories.json"
SERIOUS: Final = frozenset({"high", "critical"})


class Advisory(msgspec.Struct, frozen=True):
    """A distribution's versions from `introduced` to before `fixed`."""

    id: str
    alias: str
    name: str
    introduced: str
    fixed: str
    severity: str

    def tells_of(self, name: str, version: str) -> bool:
        """Whether that version is one of them."""
        is_it = canonicalize_name(name) == canonicalize_name(self.name)
        return is_it and Version(self.introduced) <= Version(version) < Version(self.fixed)


class Waiver(msgspec.Struct, frozen=True):
    """An advisory that does not concern us, why, and until when that is believed."""

    id: str
    why: str
    until: date


class Known(msgspec.Struct, frozen=True):
    """The list."""

    taken: date
    how: str
    waived: tuple[Waiver, ...]
    advisories: tuple[Advisory, ...]


def read() -> Known:
    """The list of this tree."""
    return msgspec.json.decode(LIST.read_bytes(), type=Known)


def found(lock: str, known: Known, today: date) -> Sequence[Advisory]:
    """The advisories that tell of something pinned and are not waived today."""
    waived = {waiver.id for waiver in known.waived if waiver.until >= today}
    return [
        advisory
        for one in pinned(lock)
        for advisory in known.advisories
        if advisory.tells_of(one.name, one.version) and advisory.id not in waived
    ]


def main() -> None:
    """Say what is known of this tree's lock."""
    known = read()
    all_found = found(LOCK.read_text("utf-8"), known, datetime.now(UTC).date())
    for one in all_found:
        sys.stdout.write(f"{one.severity}: {one.name} before {one.fixed} ({one.id} {one.alias})\n")
    sys.stdout.write(f"{len(all_found)} known, by the list of {known.taken}.\n")
    sys.exit(any(one.severity in SERIOUS for one in all_found))


if __name__ == "__main__":
    main()
