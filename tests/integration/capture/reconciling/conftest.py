"""A reconciler for each platform that has lists; tests name the ones that they are about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from libs.common.database import Database
from tests.integration.capture.reconciling.reconciliation import Reconciliation


@asynccontextmanager
async def _reconciliation(
    kind: str, database: Database, folder: Path
) -> AsyncIterator[Reconciliation]:
    made = Reconciliation(kind, database, folder)
    yield made
    await made.close()


@pytest.fixture(params=["meta", "linkedin", "typeform", "calendly"])
async def pulls(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> AsyncIterator[Reconciliation]:
    async with _reconciliation(request.param, database, tmp_path) as made:
        yield made


@pytest.fixture(params=["meta", "calendly"])
async def two(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> AsyncIterator[Reconciliation]:
    async with _reconciliation(request.param, database, tmp_path) as made:
        yield made


@pytest.fixture
async def meta(database: Database, tmp_path: Path) -> AsyncIterator[Reconciliation]:
    async with _reconciliation("meta", database, tmp_path) as made:
        yield made


@pytest.fixture
async def typeform(database: Database, tmp_path: Path) -> AsyncIterator[Reconciliation]:
    async with _reconciliation("typeform", database, tmp_path) as made:
        yield made


@pytest.fixture
async def calendly(database: Database, tmp_path: Path) -> AsyncIterator[Reconciliation]:
    async with _reconciliation("calendly", database, tmp_path) as made:
        yield made
