"""Installations of the whole system, one per log, for tests that see it from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import System


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """Where the specialists of the tests are told."""
    server = Receiver()
    yield server
    server.close()


Install = Callable[[], System]


@pytest.fixture(scope="module", params=["embedded", "kafka"])
def install(request: pytest.FixtureRequest, receiver: Receiver) -> Iterator[Install]:
    """Makes installations on one of the two logs; all are removed at the end."""
    kafka = request.getfixturevalue("kafka_bootstrap") if request.param == "kafka" else ""
    made: list[System] = []

    def new() -> System:
        made.append(System(f"http://127.0.0.1:{receiver.port}", kafka))
        return made[-1]

    yield new
    for system in made:
        system.remove()


@pytest.fixture(scope="module")
def system(install: Install) -> System:
    """Everything in one process, ready."""
    made = install()
    made.up()
    return made
