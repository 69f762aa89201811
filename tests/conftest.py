"""Fixtures that every test may use."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from libs.common.http import Server

pytest_plugins = [
    "tests.plugins.browser",
    "tests.plugins.database",
    "tests.plugins.installation",
    "tests.plugins.kafka",
    "tests.plugins.providers",
]

LONGEST = ("tests/faults/", "tests/hostile/", "tests/promises/", "tests/e2e/")
"""Folders whose tests start whole systems, in the order in which they begin."""


def pytest_configure() -> None:
    """What holds for every test."""
    Server.listen_seconds = 0.0  # nobody looks whether a server in a test's process is leaving
    # how long an example takes says more of a busy machine than of the code
    settings.register_profile("all", deadline=None)
    settings.load_profile("all")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: a run of several workers should not end with one at work."""
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in LONGEST])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that Postgres can reach when the tests run as root (pytest's own is closed)."""
    folder = Path(tempfile.mkdtemp(prefix="sarnakh-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
