"""What the file is warned about is what is really not there."""

from __future__ import annotations

from libs.common.configuration import unbuilt
from libs.common.runtime import Runtime
from services.routing.channels import CHANNELS
from services.routing.stage import utc_now


async def test_every_built_channel_is_there() -> None:
    settings = Runtime.__new__(Runtime)
    object.__setattr__(settings, "say", print)
    made = [make(settings, utc_now) for make in CHANNELS]
    assert sorted(channel.name for channel in made) == sorted(unbuilt.BUILT_CHANNELS)
    for channel in made:
        await channel.close()
