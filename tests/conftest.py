"""Fixtures that every test may use: a real Postgres, and a fresh migrated database per test."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from libs.common.database import Database
from libs.common.database.embedded import EmbeddedPostgres
from libs.common.database.migrate import migrate
from services.migrations import CHAINS

pytest_plugins = [
    "tests.plugins.browser",
    "tests.plugins.installation",
    "tests.plugins.kafka",
    "tests.plugins.providers",
]

_TEMPLATE = "template_sarnakh"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The faults first: they take longest, and a run should not end with one at work."""
    items.sort(key=lambda item: not item.nodeid.startswith("tests/faults"))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that Postgres can reach when the tests run as root (pytest's own is closed)."""
    folder = Path(tempfile.mkdtemp(prefix="sarnakh-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A Postgres for this run, with the migrated template in it."""
    folder = Path(tempfile.mkdtemp(prefix="sarnakh-test-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    url = asyncio.run(server.start())
    try:
        asyncio.run(_prepare(url))
        yield url
    finally:
        asyncio.run(server.stop())
        shutil.rmtree(folder, ignore_errors=True)


async def _prepare(url: str) -> None:
    await _run(url, f"CREATE DATABASE {_TEMPLATE}")
    template = Database(_named(url, _TEMPLATE))
    await migrate(template, CHAINS)
    await template.close()


@pytest.fixture
async def database_url(postgres_url: str) -> AsyncIterator[str]:
    """The URL of a database of this test's own, all schemas in place."""
    name = f"test_{uuid.uuid4().hex}"
    await _run(postgres_url, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY")
    yield _named(postgres_url, name)
    await _run(postgres_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A pool to a database of this test's own, all schemas in place."""
    pool = Database(database_url)
    yield pool
    await pool.close()


def _named(url: str, name: str) -> str:
    return f"{url.rpartition('/')[0]}/{name}"


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
