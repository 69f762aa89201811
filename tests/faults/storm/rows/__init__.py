"""Every fault of the storm: a file here and a line in this tuple add one."""

from __future__ import annotations

from typing import Final

from tests.faults.storm.rows import (
    broker,
    clock,
    database,
    disk,
    full_database,
    letters,
    load,
    providers,
    rotation,
    services,
    stopped,
)
from tests.faults.storm.rows.contract import Fault

FAULTS: Final[tuple[Fault, ...]] = (
    *services.FAULTS,
    *broker.FAULTS,
    *database.FAULTS,
    *full_database.FAULTS,
    *disk.FAULTS,
    *providers.FAULTS,
    *letters.FAULTS,
    *stopped.FAULTS,
    *rotation.FAULTS,
    *clock.FAULTS,
    *load.FAULTS,
)
AT_REST: Final[tuple[Fault, ...]] = letters.AT_REST
"""After the load, when everything has come to its end: nothing may change by them."""
