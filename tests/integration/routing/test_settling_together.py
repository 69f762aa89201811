"""Messages that end at the same time are written down together, and none fails another."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from libs.common import topics
from libs.common.events import NotificationSettled
from libs.common.log.postgres import PostgresLog
from services.routing.channels.contract import Refused, Result, Sent, Unknown
from services.routing.sending.ending import Endings, Settled
from services.routing.sending.settling import Settling
from services.routing.store import sending as store
from services.routing.store.sending import Claimed, Lapsed, Wanted
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


async def test_claims_that_are_lost_are_settled_together(sending: Sending) -> None:
    await claimed(sending, 20)
    await sending.routing.rows(
        "UPDATE routing.notifications SET deadline = clock_timestamp() RETURNING id"
    )
    with noted() as seen:
        sending.start()
        await sending.until("sent")
    first_claim = next(at for at, one in enumerate(seen) if "SET state = 'sending'" in one)
    lapsed = [one for one in seen[:first_claim] if "SET state = asked.state" in one]
    assert len(lapsed) == 1


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


async def test_rule_20_where_the_log_is_beside_it_a_claim_settles_once_without_the_journal(
    sending: Sending,
) -> None:
    """Written down again, by whoever does not know that it was, it changes and says nothing."""
    (one,) = await claimed(sending, 1)
    log = PostgresLog(sending.routing.database)
    await log.create_topics([topics.NOTIFIED])
    beside = dataclasses.replace(sending.runtime(), log=log)
    settlings = [sending.settling(beside) for _ in range(3)]
    lapsed = Lapsed(one.notification, one.claim, begun=True)
    try:
        await asyncio.gather(
            *(settle(settling, (one, Sent()), (one, Sent())) for settling in settlings)
        )
        await asyncio.gather(*(settling.lapse(lapsed, takes_id=False) for settling in settlings))
        await settle(settlings[0], (one, Sent()), (one, Refused("http_503")))
    finally:
        await log.close()
    rows = await sending.routing.rows(
        "SELECT state, version, (SELECT count(*) FROM log.records) AS said,"
        " (SELECT count(*) FROM routing.journal WHERE outcome = 'done') AS noted"
        " FROM routing.notifications"
    )
    assert rows == [("sent", 3, 1, 0)]
