"""Messages that end at the same time are written down together, and none fails another."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from libs.common.events import NotificationSettled
from services.routing.channels.contract import Refused, Result, Sent, Unknown
from services.routing.ending import Endings, Settled
from services.routing.settling import Settling
from services.routing.store import sending as store
from services.routing.store.sending import Claimed, Wanted
from tests.integration.routing.conftest import Sending, new_id
from tests.plugins.statements import noted

ALL = Wanted(
    (), is_any_other=True, most=99, most_per_address=99, rooms={}, lease=60, config_version=0
)


async def claimed(sending: Sending, count: int) -> list[Claimed]:
    """So many messages under way, each of another person's lead."""
    await sending.routing.feed(*(sending.routing.scored(new_id()) for _ in range(count)))
    async with sending.routing.database.transaction() as tx:
        found = await store.claim(tx, ALL, new_id())
    assert len(found) == count
    return found


async def settle(settling: Settling, *ended: tuple[Claimed, Result]) -> list[Any]:
    return await asyncio.gather(
        *(settling.settle(c.notification, c.claim, r, takes_id=False) for c, r in ended),
        return_exceptions=True,
    )


async def test_a_group_takes_as_many_statements_as_few(sending: Sending) -> None:
    settling = sending.settling()
    few, many = await claimed(sending, 2), await claimed(sending, 60)
    with noted() as first:
        await settle(settling, *((one, Sent()) for one in few))
    with noted() as second:
        await settle(settling, *((one, Sent()) for one in many))
    assert len(first) == len(second)
    rows = await sending.routing.rows("SELECT state, count(*) FROM routing.submissions GROUP BY 1")
    assert rows == [("notified", 62)]
    ends = [s for s in sending.published() if isinstance(s, NotificationSettled)]
    assert [(s.state, s.outcome) for s in ends] == [("sent", "notified")] * 62


async def test_each_gets_what_became_of_it(sending: Sending) -> None:
    sent, refused, unknown, again = await claimed(sending, 4)
    settling = sending.settling()
    await settle(
        settling,
        (sent, Sent()),
        (refused, Refused("http_404", for_good=True)),
        (unknown, Unknown("timeout")),
        (again, Refused("http_503")),
    )
    rows = await sending.routing.rows(
        "SELECT n.error, n.state, s.state AS submission FROM routing.notifications n"
        " JOIN routing.submissions s USING (submission_id) WHERE n.kind = 'assigned'"
    )
    assert {row.error: (row.state, row.submission) for row in rows} == {
        None: ("sent", "notified"),
        "http_404": ("failed", "undelivered"),
        "timeout": ("unknown", "undelivered"),
        "http_503": ("planned", "assigned"),
    }


async def test_one_that_cannot_be_written_fails_no_other(
    sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await claimed(sending, 5)
    broken, write = found[2].notification.id, Endings.write

    async def breaks(self: Endings, tx: Any, results: list[Settled]) -> Any:
        if any(one.message.id == broken for one in results):
            raise ArithmeticError
        return await write(self, tx, results)

    monkeypatch.setattr(Endings, "write", breaks)
    outcomes = await settle(sending.settling(), *((one, Sent()) for one in found))
    assert [type(outcome) for outcome in outcomes].count(ArithmeticError) == 1
    rows = await sending.routing.rows(
        "SELECT state, count(*) FROM routing.notifications GROUP BY 1 ORDER BY 1"
    )
    assert rows == [("sending", 1), ("sent", 4)]


async def test_a_claim_settled_twice_at_once_counts_once(sending: Sending) -> None:
    (one,) = await claimed(sending, 1)
    settling = sending.settling()
    await settle(settling, (one, Sent()), (one, Sent()), (one, Refused("http_503")))
    assert [s.state for s in sending.published()] == ["sent"]
