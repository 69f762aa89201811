"""What a stage is to the loop: a name, its topics, and one function over a slice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import msgspec

from libs.common.database import Transaction
from libs.common.errors import Reject
from libs.common.events import Event
from libs.common.log import Stored


class Answer(msgspec.Struct, frozen=True):
    """What one event led to: the events to publish, or a rejection of it."""

    events: tuple[Event, ...] = ()
    rejected: Reject | None = None


class Stage(Protocol):
    """A consumer of topics. Effects and answers of a slice are saved in one transaction."""

    @property
    def name(self) -> str:
        """The stage's name: its consumer group, its schema, its dead-letter topic."""
        ...

    @property
    def topics(self) -> tuple[str, ...]:
        """What it reads."""
        ...

    async def handle(self, tx: Transaction, batch: Sequence[Event]) -> Sequence[Answer]:
        """Apply the batch inside `tx` and answer each event, in the batch's order.

        The loop has taken the partitions' locks and left out what the journal has answered
        already. Never commits, publishes, or calls the outside world. Raises Retry for the
        whole slice, or anything else for a bug (the loop then looks for the culprit alone).
        """
        ...

    def committed(self) -> None:
        """Called after a slice is committed: wake whoever waits for its rows. Must not block."""
        ...


@runtime_checkable
class Chooses(Protocol):
    """A stage that concerns itself with few records of its topics and passes over the others.

    What is passed over costs neither a decoded event nor a journal row: applying nothing twice
    is applying nothing.
    """

    def wants(self, stored: Stored) -> bool:
        """Whether the record may concern it; yes in doubt, the same at every delivery."""
        ...


@runtime_checkable
class TakesRepeats(Protocol):
    """A stage that answers nothing, and whose effects are the same however often an event comes.

    Its journal keeps only what died: a row for each event of the whole system would cost more
    than what the stage itself writes, and save nothing.
    """

    @property
    def takes_repeats(self) -> Literal[True]:
        """Said by the stage itself; a test reads the whole log again to prove it."""
        ...


class Receipt(NamedTuple):
    """A record of a capture spool that has come this far, whatever became of it."""

    spool: str
    sequence: int
    submission_id: str | None
    """None where the record is too broken to say."""
    headers: Mapping[str, bytes] = MappingProxyType({})
    """All that the record says beside its value."""


@runtime_checkable
class KeepsReceipts(Protocol):
    """A stage that notes every spool record it is given, repeats and unreadable ones too.

    The books find a missing record by them (delivery rule 26).
    """

    async def receive(self, tx: Transaction, receipts: Sequence[Receipt]) -> None:
        """Note them in the slice's transaction, before it is handled."""
        ...
