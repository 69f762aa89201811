"""Installations of the whole system, one per log, for tests that see it from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.e2e.receiver import Receiver
from tests.e2e.system import System
from tests.plugins.database import Databases


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    """Where the specialists of the tests are told."""
    server = Receiver()
    yield server
    server.close()


Install = Callable[[], System]


@dataclass
class Prepared:
    """Databases of this run's own server, migrated already; each is handed back at the end."""

    databases: Databases
    taken: list[str] = field(default_factory=list)

    def take(self) -> str:
        """One more; its URL."""
        self.taken.append(asyncio.run(self.databases.take()))
        return self.databases.named(self.taken[-1])

    def give_back(self) -> None:
        """Once nobody uses them any more."""
        for name in self.taken:
            asyncio.run(self.databases.give_back(name))


@pytest.fixture(scope="module", params=["embedded", "kafka"])
def install(
    request: pytest.FixtureRequest, receiver: Receiver, databases: Databases
) -> Iterator[Install]:
    """Makes installations on one of the two logs; all are removed at the end.

    Their database is one of this run's Postgres; `own_install` gives each a Postgres of its own.
    """
    prepared = Prepared(databases)
    with installing(request, receiver, prepared.take) as new:
        yield new
    prepared.give_back()


@pytest.fixture(scope="module", params=["embedded", "kafka"])
def own_install(request: pytest.FixtureRequest, receiver: Receiver) -> Iterator[Install]:
    """The same as users have them: each makes, migrates and runs a Postgres of its own."""
    with installing(request, receiver, str) as new:
        yield new


@contextmanager
def installing(
    request: pytest.FixtureRequest, receiver: Receiver, database: Callable[[], str]
) -> Iterator[Install]:
    """What makes installations, each on a URL that `database` gives, until this is left."""
    kafka = request.getfixturevalue("kafka_bootstrap") if request.param == "kafka" else ""
    made: list[System] = []

    def new() -> System:
        made.append(System(f"http://127.0.0.1:{receiver.port}", kafka, database()))
        return made[-1]

    yield new
    for system in made:
        system.remove()
    receiver.forget()


@pytest.fixture(scope="module")
def system(install: Install) -> System:
    """Everything in one process, ready."""
    made = install()
    made.up()
    return made
