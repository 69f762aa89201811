"""A site with the script on its pages, in Chromium, and capture beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.fixtures.capture.landing import Landing, landing


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def at(chromium: str, tmp_path_factory: Any) -> AsyncIterator[Landing]:
    folder = Path(tmp_path_factory.mktemp("capture"))
    async with landing(chromium, folder) as made, made.capturing():
        yield made
