"""A real browser: Chromium as the machine has it.

Its shell without a window, where that is there: the same engine for three quarters of the work.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright import async_api, sync_api

PATIENCE = 60_000
"""Milliseconds that a page may take to show what it is to show: a browser is slow to start."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; without one the test is skipped, and with CI=true it fails."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("no Chromium on this machine")
    async_api.expect.set_options(timeout=PATIENCE)
    sync_api.expect.set_options(timeout=PATIENCE)
    return found or pytest.skip("no Chromium on this machine")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def modules_browser(chromium: str) -> AsyncIterator[async_api.Browser]:
    """One Chromium for a file's tests, on the file's loop: its start costs more than most of them.

    What a test did is in contexts of its own, and gone with these.
    """
    async with async_api.async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        await browser.close()
