"""A mail server and a bot API, for tests in which specialists are told by them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.providers import Providers


@pytest.fixture
def providers() -> Iterator[Providers]:
    """Where Sara is told."""
    made = Providers()
    yield made
    made.close()
