"""While more is waiting, slices of different partitions are under way at once (rules 5 and 7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from libs.common import topics
from libs.common.database import Transaction
from libs.common.errors import Retry
from libs.common.events import Event
from libs.common.log import Batch, Held
from libs.common.stage import loop as loop_module
from libs.common.stage import tempo
from libs.common.stage.contract import Answer
from tests.doubles.memory_log import MemoryLog, MemoryReader
from tests.integration.stage.conftest import Running, Tally, an_event

FEW = 5


class OneLaneReader(MemoryReader):
    """Gives one lane at a time, in turn, as the real logs do when much is waiting."""

    def _ready(self, most: int) -> list[Batch]:
        for lane in sorted(self._lanes(), key=lambda lane: (self._next.get(lane, 0), lane)):
            start = self._next.setdefault(lane, 0)
            if records := self._log.lanes[lane][start : start + most]:
                self._next[lane] = start + len(records)
                return [Batch(Held(lane, self._epoch), records)]
        return []


class OneLaneLog(MemoryLog):
    """A memory log whose readers give one lane at a time."""

    async def reader(self, group: str, topics: Sequence[str]) -> MemoryReader:
        self.epoch += 1
        return OneLaneReader(self, group, topics, self.epoch)


@dataclass
class Watched(Tally):
    """Counts how many of its slices are under way."""

    under_way: int = 0
    most: int = 0

    async def handle(self, tx: Transaction, batch: Sequence[Event]) -> list[Answer]:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            return await super().handle(tx, batch)
        finally:
            self.under_way -= 1


@pytest.mark.parametrize("held", [0, 1, 3])
@pytest.mark.parametrize("lanes", [1, 4])
async def test_rule_07_with_two_slices_under_way_and_one_held_no_order_changes(
    running: Running, monkeypatch: pytest.MonkeyPatch, lanes: int, held: int
) -> None:
    monkeypatch.setattr(loop_module, "SLICE", FEW)
    monkeypatch.setattr(tempo, "ENOUGH", FEW)  # a full slice: more is waiting
    running.log = OneLaneLog(lanes)
    sent = [an_event("bad" if n % 17 == 3 else "seen", f"p{n % 8}") for n in range(100)]
    await running.send(*sent)
    stage = Watched(fails={"bad": Retry("a dependency")}, fails_for=held, delay=0.01)
    running.start(stage)
    await running.until(lambda: len(set(running.answers())) == len(sent), 20)
    assert stage.most == min(lanes, loop_module.AT_ONCE)
    assert await running.twice() == 0
    came = [(one.key, _id(one.headers)) for one in running.log.records(topics.NOTIFIED)]
    for key in {event.key for event in sent}:
        wanted = [an_event("answer", key, event.id).id for event in sent if event.key == key]
        told = list(dict.fromkeys(cause for of, cause in came if of == key))
        assert told == wanted


def _id(headers: Sequence[tuple[str, bytes]]) -> str:
    return dict(headers)["ce_id"].decode()
