"""Answers that wait until the log has them or fails, unless a test says otherwise."""

from __future__ import annotations

import pytest

from services.capture.publishing import publisher

IN_EARNEST = publisher.WAIT_SECONDS


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is answered is in the log, however busy the machine is."""
    monkeypatch.setattr(publisher, "WAIT_SECONDS", 60.0)
