"""The log as the services see it: append records, read them in a group, commit how far.

Two adapters keep the same promises (tests/contract/test_log.py runs them against both):
order within a partition, at least once, a group that resumes where it committed, partitions
shared among the members of a group, and no call that waits without bound.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, runtime_checkable

import msgspec

from libs.common import topics

if TYPE_CHECKING:
    from libs.common.database import Database, Transaction


class LogUnavailable(Exception):
    """The log did not acknowledge in time. The records may or may not be in it: append again."""


class RecordTooLarge(Exception):
    """A record is over `topics.MAX_RECORD_BYTES`; appending it again can never work."""


class WrongTopics(Exception):
    """A topic exists with another number of partitions; one sentence that says which."""


PARTITION_KEY: Final = "ce_partitionkey"


class Partition(NamedTuple):
    """One ordered lane of one topic."""

    topic: str
    number: int


class Record(msgspec.Struct, frozen=True):
    """What is appended: bytes under a key, with headers."""

    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def follows(self) -> str:
        """What chooses its partition: the key, or what it must come in order with.

        CloudEvents' partitioning extension, `partitionkey`: submissions of one conversation have
        keys of their own, and must not overtake each other.
        """
        for name, value in self.headers:
            if name == PARTITION_KEY:
                return value.decode(errors="replace")
        return self.key


class Stored(msgspec.Struct, frozen=True):
    """A record as it was read back, with its place in the log."""

    partition: Partition
    offset: int
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    appended_at: datetime


class Held(NamedTuple):
    """A partition as it was held when its records were fetched.

    The epoch changes whenever the partition is lost or given again, so work begun under an
    old one cannot commit (a zombie's commit is refused, not applied).
    """

    partition: Partition
    epoch: int


class Batch(NamedTuple):
    """Records of one held partition, in order."""

    held: Held
    records: Sequence[Stored]


EARLIEST: Final = 0
_MARKS: Final = 4096
"""What a dead letter may add to the largest record: the headers that say why it died."""


class Reader(Protocol):
    """One member of a group. Use from one task; `held` and `commit` may be called from others."""

    async def fetch(self, most: int, wait: float) -> Sequence[Batch]:
        """Up to `most` records of the partitions held now, waiting at most `wait` seconds.

        Starts each newly given partition at what the group committed, or at the start of the
        log (never at its end). Returns nothing when there is nothing, also when cut off.
        """
        ...

    def has_more(self) -> bool:
        """Whether the last fetch is known to have left records behind: who rests, rests then not.

        A fetch may give fewer than were asked for although there are more: its bytes are bounded.
        """
        ...

    def is_held(self, held: Held) -> bool:
        """Whether the partition has been held without a break since `held` was made."""
        ...

    def assigned(self) -> Sequence[Held]:
        """What is held now."""
        ...

    async def seek(self, held: Held, offset: int) -> None:
        """Read that partition from `offset` next; nothing happens if it is no longer held."""
        ...

    async def commit(self, held: Held, offset: int) -> bool:
        """Store that all before `offset` is done; False if not held any more or not known."""
        ...

    async def commit_all(self, offsets: Mapping[Held, int]) -> None:
        """The same for several at the price of one; those no longer held are left as they are.

        What is not known to be stored is stored with a later one: nothing is said of it.
        """
        ...

    async def lag(self) -> Mapping[Partition, int]:
        """Records that are in the log and not yet fetched, of the partitions held now.

        Of a member that waits to be given its share: what its whole group has not committed.
        Raises LogUnavailable when that cannot be learned within seconds.
        """
        ...

    def skipped(self) -> Mapping[Partition, int]:
        """Records that retention dropped before this group had read them: an alarm, never normal.

        Counted since joining, of partitions held since; empty when all is well (rule 4).
        """
        ...

    async def close(self) -> None:
        """Leave the group. Bounded: returns within seconds whatever hangs."""
        ...


class Log(Protocol):
    """Where events are appended and read."""

    async def create_topics(self, names: Sequence[str]) -> None:
        """Create those that are absent, each with `topics.PARTITIONS` partitions.

        Raises WrongTopics for one that has another number, LogUnavailable when cut off.
        """
        ...

    async def append(self, records: Sequence[Record], deadline: float) -> None:
        """Append all, durably, in this order per key; return when each is acknowledged.

        Raises LogUnavailable when `deadline` (seconds) passes first: an unknown outcome.
        Raises RecordTooLarge, with nothing appended, when one is over the limit.
        """
        ...

    async def reader(self, group: str, topics: Sequence[str]) -> Reader:
        """Join `group` for `topics`. Raises LogUnavailable when the log cannot be reached."""
        ...

    async def lags(self, group: str, topics: Sequence[str]) -> Mapping[Partition, int]:
        """Appended but not yet committed by `group`, of every partition (for books, health).

        Raises LogUnavailable when that cannot be learned within seconds.
        """
        ...

    async def spans(self, topics: Sequence[str]) -> Mapping[Partition, range]:
        """The offsets that every partition holds now: its first, and the next to be given.

        Raises LogUnavailable when that cannot be learned within seconds.
        """
        ...

    async def close(self) -> None:
        """Let go of everything. Bounded."""
        ...


@runtime_checkable
class InDatabase(Protocol):
    """A log that is kept in a database, and can be appended to in that one's transactions.

    What has caused the records is committed with them or not at all: nobody has to remember
    that they are still to be appended.
    """

    def is_in(self, database: Database) -> bool:
        """Whether it is kept in this database."""
        ...

    async def append_within(self, tx: Transaction, records: Sequence[Record]) -> Callable[[], None]:
        """Append as the transaction's last statement; gives what to call once it is committed.

        Whoever appends to the same lanes waits for that commit. Sizes have been checked before.
        Raises LogUnavailable when the lanes are not known, and what a statement raises.
        """
        ...


def partition_of(key: str, partitions: int) -> int:
    """The lane of what a record follows, the same in every topic and both adapters (CRC-32)."""
    return zlib.crc32(key.encode()) % partitions


def check_sizes(records: Sequence[Record], more: int = 0) -> None:
    """Raise RecordTooLarge if a record's key, value and headers are over the limit together.

    `more` is what each will get besides.
    """
    for record in records:
        texts = len(record.key) + sum(map(len, chain.from_iterable(record.headers)))
        if 4 * texts + len(record.value) + more <= topics.MAX_RECORD_BYTES:
            continue  # no letter has more than four bytes
        size = len(record.key.encode()) + len(record.value) + more
        for name, value in record.headers:
            size += len(name.encode()) + len(value)
        room = _MARKS if record.topic.endswith(topics.DEAD_END) else 0
        if size > topics.MAX_RECORD_BYTES + room:
            raise RecordTooLarge(f"{size} bytes for {record.topic}")
