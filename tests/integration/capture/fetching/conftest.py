"""A fetcher of Meta's leads; files about other platforms or words have their own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.database import Database
from tests.integration.capture.fetching.hydration import Hydration


@pytest.fixture
async def hydration(database: Database, tmp_path: Path) -> AsyncIterator[Hydration]:
    made = Hydration(database, tmp_path)
    made.configure()
    yield made
    await made.close()
