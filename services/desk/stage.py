"""The desk's stage: loads nothing, folds the slice, writes it, answers nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from libs.common import topics
from libs.common.configuration import Configuration, Configurations
from libs.common.database import Transaction
from libs.common.events import Event
from libs.common.stage.contract import Answer
from libs.common.stage.turns import in_groups
from services.desk.reading.fold import add
from services.desk.reading.rows import Rows
from services.desk.store import writing

_NOTHING: Final = Answer()


class DeskStage:
    """Keeps the read model of all that happens, and of all that went wrong."""

    name = "desk"
    topics = (*topics.FLOW, *(topics.dead(stage) for stage in topics.STAGES))
    takes_repeats: Final = True
    """Rows are folded by version and natural key."""

    def __init__(
        self, configurations: Configurations, on_commit: Callable[[], None] = lambda: None
    ) -> None:
        self._configurations = configurations
        self._on_commit = on_commit

    async def handle(self, tx: Transaction, batch: Sequence[Event]) -> Sequence[Answer]:
        """Fold the batch into the read model."""
        active = await self._configurations.in_force(tx)
        rows, names = Rows(), specialists(active.content)
        async for events in in_groups(batch):
            for event in events:
                add(rows, event, names)
        await writing.write(tx, rows)
        return [_NOTHING] * len(batch)

    def committed(self) -> None:
        """Tell the open pages of this process; whoever waits for a row looks for it."""
        self._on_commit()


def specialists(content: Configuration) -> dict[str, str]:
    """The specialists' names by key."""
    return {person.key: person.name for team in content.teams for person in team.specialists}
