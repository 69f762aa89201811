"""Fixtures that every test may use."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.common.http import Server

pytest_plugins = [
    "tests.plugins.browser",
    "tests.plugins.database",
    "tests.plugins.installation",
    "tests.plugins.kafka",
    "tests.plugins.providers",
]


def pytest_configure() -> None:
    """A server in a test's own process has nobody who looks whether it is leaving."""
    Server.listen_seconds = 0.0


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
