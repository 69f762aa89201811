"""What the file is warned about is what is really not there."""

from __future__ import annotations

from libs.common.configuration import unbuilt
from services.capture.sources import KINDS
from services.routing.channels import CHANNELS
from services.routing.channels.console import Console
from services.routing.channels.webhook import Webhook


def test_every_built_kind_is_a_source_and_every_source_is_called_built() -> None:
    assert set(unbuilt.BUILT_KINDS) == set(KINDS)
    assert set(KINDS) <= set(unbuilt.KINDS)


def test_every_built_channel_is_there() -> None:
    assert set(unbuilt.BUILT_CHANNELS) == {Console.name, Webhook.name}
    assert len(CHANNELS) == len(unbuilt.BUILT_CHANNELS)
