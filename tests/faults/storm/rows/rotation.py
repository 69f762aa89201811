"""A source's secret is changed while it sends: the old and the new one hold side by side."""

from __future__ import annotations

import asyncio
import base64
from random import Random
from typing import Final

from tests.e2e.system import WEBHOOK_SECRET
from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm

_LINE: Final = "{key: partner, kind: standard, secret: %s, page: nil.example/partners}"
_NOTICED: Final = 3.0
"""Seconds within which a changed file is taken up."""


async def _rotated(storm: Storm, draw: Random) -> str:
    """Old, both, new; and back again, as the storm goes on with the old one."""
    file = storm.folder / "sarnakh.yaml"
    before = file.read_text("utf-8")
    line = _LINE % f'"{WEBHOOK_SECRET}"'
    assert line in before
    new = "whsec_" + base64.b64encode(draw.randbytes(24)).decode()
    refused = await _refused(storm)
    try:
        file.write_text(before.replace(line, _LINE % f'["{new}", "{WEBHOOK_SECRET}"]'), "utf-8")
        await asyncio.sleep(_NOTICED)
        await storm.oracle.ask("secret", value=new)
        await asyncio.sleep(2)
    finally:
        await storm.oracle.ask("secret", value=WEBHOOK_SECRET)
        await asyncio.sleep(1)
        file.write_text(before, "utf-8")
    if more := await _refused(storm) - refused:
        raise AssertionError(f"{more} good signatures were refused")
    return "no good signature was refused"


async def _refused(storm: Storm) -> int:
    stats = await storm.oracle.ask("stats")
    return int(stats["refused"].get("401", 0))


FAULTS = (Fault("a secret rotated while its source sends", "34", _rotated),)
