"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from libs.common.serving.http import Server

pytest_plugins = [
    "tests.plugins.browser",
    "tests.plugins.database",
    "tests.plugins.installation",
    "tests.plugins.kafka",
    "tests.plugins.providers",
]

ORDER = ("tests/unit/", "tests/faults/", "tests/hostile/", "tests/promises/", "tests/e2e/")
"""Folders in the order in which they begin: whole systems once a storm beside them is over, and
long before the end."""


def pytest_configure() -> None:
    """What holds for every test."""
    # by itself structlog draws a failure with all that was in sight: seconds of work for each
    plainly = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.stdlib.add_log_level, plainly])
    Server.listen_seconds = 0.0  # nobody looks whether a server in a test's process is leaving
    # how long an example takes says more of a busy machine than of the code
    settings.register_profile("all", deadline=None)
    settings.load_profile("all")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files early: a run of several workers should not end with one at work."""
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in ORDER])


def pytest_collection_finish() -> None:
    """What was collected stays to the end: who looks for garbage need not go through it."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def within_one_day() -> None:
    """What a test calls today is today also when it looks: it does not begin before midnight."""
    now = datetime.now(UTC)
    left = 86_400 - (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).seconds
    if left < 60:
        time.sleep(left)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that Postgres can reach when the tests run as root (pytest's own is closed)."""
    folder = Path(tempfile.mkdtemp(prefix="sarnakh-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
