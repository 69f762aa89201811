"""A real browser: Chromium as the machine has it."""

from __future__ import annotations

import os
import shutil

import pytest
from playwright import async_api, sync_api

PATIENCE = 60_000
"""Milliseconds that a page may take to show what it is to show: a browser is slow to start."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; without one the test is skipped, and with CI=true it fails."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("no Chromium on this machine")
    async_api.expect.set_options(timeout=PATIENCE)
    sync_api.expect.set_options(timeout=PATIENCE)
    return found or pytest.skip("no Chromium on this machine")
