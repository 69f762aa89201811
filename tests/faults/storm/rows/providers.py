"""The provider of notifications fails, hangs, hangs after accepting, or cuts its answer off."""

from __future__ import annotations

import asyncio
from functools import partial
from random import Random

from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm, until

_UNKNOWN = "a message sent with an unknown outcome"


async def _behaves(mode: str, seconds: float, storm: Storm, _draw: Random) -> str:
    """From the first message that meets it, for so long."""
    before = (await storm.oracle.ask("mode", value=mode))["met"]

    async def look() -> bool:
        return bool((await storm.oracle.ask("met"))["met"] > before)

    try:
        await until(look, 240, "a message that meets it", every=0.2)
        await asyncio.sleep(seconds)
        met = (await storm.oracle.ask("met"))["met"] - before
    finally:
        await storm.oracle.ask("mode", value="ok")
    if mode in {"hang_after", "cut"}:
        storm.sometimes[_UNKNOWN] += 1
    return f"{met} messages met it"


FAULTS = (
    Fault("the provider answers 500", "21", partial(_behaves, "500", 4), lane="outside"),
    Fault(
        "the provider answers 429, Retry-After 2", "21", partial(_behaves, "429", 4), lane="outside"
    ),
    Fault(
        "the provider hangs before it accepts", "22", partial(_behaves, "hang", 4), lane="outside"
    ),
    Fault(
        "the provider accepts, then hangs", "22", partial(_behaves, "hang_after", 4), lane="outside"
    ),
    Fault(
        "the provider accepts and cuts its answer",
        "22",
        partial(_behaves, "cut", 3),
        lane="outside",
    ),
)
