"""The provider of notifications fails, hangs, hangs after accepting, or cuts its answer off."""

from __future__ import annotations

import asyncio
from functools import partial
from random import Random

from tests.faults.storm.rows.contract import Fault
from tests.faults.storm.scene import Storm

_UNKNOWN = "a message sent with an unknown outcome"


async def _behaves(mode: str, seconds: float, storm: Storm, _draw: Random) -> str:
    await storm.oracle.ask("mode", value=mode)
    await asyncio.sleep(seconds)
    met = (await storm.oracle.ask("mode", value="ok"))["met"]
    if met and mode in {"hang_after", "cut"}:
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
