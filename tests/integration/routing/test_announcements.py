"""Those who answer for teams hear in good time that a source's token ends: once for each level."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from libs.common.events import Activity, Event, derived_id
from services.routing.channels.console import Console
from services.routing.channels.contract import Channel
from services.routing.channels.webhook import Webhook
from services.routing.sending.announcing import TokenEnds
from services.routing.sending.apart import ApartSender
from services.routing.stage import utc_now
from tests.integration.routing.conftest import Sending, new_id
from tests.integration.routing.receiver import MINA, SECRET

FILE = (
    """
sources: [{{key: ads, kind: meta, secret: s, access_token: t, token_expires: {expires}}}]
teams:
  - {{key: seo, name: SEO{manager}, specialists: [{{key: sara, name: Sara}}]}}
  - {{key: web, name: Web{manager}, specialists: [{{key: ali, name: Ali}}]}}
"""
    + MINA
)


async def tell(sender: ApartSender) -> None:
    """Look once, and let what is under way end."""
    await sender.turn()
    await asyncio.gather(*sender.under_way)


class Tokens:
    """A source whose token ends, and the senders who tell of it."""

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        self.routing = sending.routing
        self.receiver = sending.receiver
        self.senders: list[ApartSender] = []
        self.expires = datetime.now(ZoneInfo("Asia/Tehran")).date() + timedelta(days=3)
        self.configure()

    def configure(self, expires: date | None = None, manager: str = ", manager: mina") -> None:
        self.routing.configure(self.written(expires, manager))

    def written(
        self,
        expires: date | None = None,
        manager: str = ", manager: mina",
        *,
        with_day: bool = True,
    ) -> str:
        """The file, with the token's last day or without."""
        found = FILE.format(
            expires=expires or self.expires, manager=manager, url=self.receiver.url, secret=SECRET
        )
        return found if with_day else re.sub(", token_expires: [-0-9]+", "", found)

    def another(self, hook: Channel | None = None) -> ApartSender:
        channels = [Console(self.sending.said.append), hook or Webhook(utc_now, 30.0)]
        made = ApartSender(self.sending.runtime(), channels, [TokenEnds()])
        self.senders.append(made)
        return made

    def said(self, level: str, **more: str | bool) -> Event:
        """Capture's word."""
        told = {"source": "ads", "source_kind": "meta", "expires": self.expires.isoformat()}
        id_ = derived_id(level, self.expires.isoformat())
        at = self.routing.now - timedelta(days=11 if level == "warn" else 0)
        data = Activity(id_, "source.token_expiring", at, data={**told, "level": level, **more})
        return Event(id_, "ads", at, data)

    async def ends(self) -> list[tuple[str, str | None]]:
        """What became of each level's message, the lower first."""
        rows = await self.routing.rows(
            "SELECT state, error FROM routing.announcements ORDER BY planned_at"
        )
        return [(row[0], row[1]) for row in rows]

    async def states(self) -> list[str]:
        rows = await self.routing.rows("SELECT state FROM routing.announcements ORDER BY id")
        return [row[0] for row in rows]

    async def at_once(self) -> None:
        """As if what is to be tried again were due."""
        await self.routing.rows(
            "UPDATE routing.announcements SET next_at = clock_timestamp() RETURNING 1"
        )


@pytest.fixture
async def tokens(sending: Sending) -> AsyncIterator[Tokens]:
    found = Tokens(sending)
    yield found
    for one in found.senders:
        for channel in one._channels.values():  # noqa: SLF001 - what a stopped sender lets go of
            await channel.close()


async def test_each_level_is_told_once_to_each_manager(tokens: Tokens) -> None:
    one, other = tokens.another(), tokens.another()
    for level in ("warn", "warn", "alarm", "past"):
        await tokens.routing.feed(tokens.said(level))
        await asyncio.gather(tell(one), tell(other))
        await tell(one)
    bodies = [request.verified() for request in tokens.receiver.requests]
    assert [body["type"] for body in bodies] == ["source.token_expiring"] * 2
    data = bodies[0]["data"]
    assert isinstance(data, dict)
    assert (data["source"], data["source_kind"], data["specialist"]) == ("ads", "meta", "mina")
    assert (data["expires"], data["days_left"]) == (tokens.expires.isoformat(), 3)
    assert str(data["url"]).endswith("/sources/ads")
    assert len({request.headers["webhook-id"] for request in tokens.receiver.requests}) == 2
    assert await tokens.states() == ["sent", "sent"]


@pytest.mark.parametrize("levels", [("warn", "alarm"), ("alarm", "warn")])
async def test_who_was_away_for_both_levels_tells_once_how_long_is_left(
    tokens: Tokens, levels: Sequence[str]
) -> None:
    one, other = tokens.another(), tokens.another()
    for level in levels:
        await tokens.routing.feed(tokens.said(level))
    for _ in range(2):
        await asyncio.gather(tell(one), tell(other))
    (request,) = tokens.receiver.requests
    data = request.verified()["data"]
    assert isinstance(data, dict)
    assert data["days_left"] == 3
    assert await tokens.ends() == [("failed", "superseded"), ("sent", None)]


async def test_a_level_that_waits_for_another_try_is_dropped_for_the_next(tokens: Tokens) -> None:
    tokens.receiver.modes = ["500"]
    sender = tokens.another()
    await tokens.routing.feed(tokens.said("warn"))
    await tell(sender)
    assert [state for state, _error in await tokens.ends()] == ["planned"]
    tokens.receiver.modes = ["ok"]
    await tokens.routing.feed(tokens.said("alarm"))
    await tell(sender)
    await tokens.at_once()
    await tell(sender)
    assert len({request.headers["webhook-id"] for request in tokens.receiver.requests}) == 2
    assert len(tokens.receiver.requests) == 2
    assert await tokens.ends() == [("failed", "superseded"), ("sent", None)]


@pytest.mark.parametrize("change", ["recipient = 'ali'", "state = 'failed'", "source = 'other'"])
async def test_a_level_is_told_though_the_next_failed_or_is_of_something_else(
    tokens: Tokens, change: str
) -> None:
    for level in ("warn", "alarm"):
        await tokens.routing.feed(tokens.said(level))
    await tokens.routing.rows(
        f"UPDATE routing.announcements SET {change} WHERE planned_at ="
        " (SELECT max(planned_at) FROM routing.announcements) RETURNING 1"
    )
    await tell(tokens.another())
    assert (await tokens.ends())[0] == ("sent", None)


async def test_without_a_manager_it_is_said_where_the_process_was_started(tokens: Tokens) -> None:
    tokens.configure(manager="")
    await tokens.routing.feed(tokens.said("warn"))
    await tell(tokens.another())
    (line,) = tokens.sending.said
    assert "ads" in line
    assert tokens.receiver.requests == []


async def test_nobody_is_told_of_a_token_that_was_changed_meanwhile(tokens: Tokens) -> None:
    tokens.receiver.modes = ["500"]
    sender = tokens.another()
    await tokens.routing.feed(tokens.said("alarm"))
    await tell(sender)
    assert await tokens.states() == ["planned"]
    tokens.configure(tokens.expires + timedelta(days=60))
    await tokens.at_once()
    await tell(tokens.another())
    assert await tokens.states() == ["failed"]
    assert len(tokens.receiver.requests) == 1


async def test_rule_20_a_claim_of_a_dead_process_is_settled_by_another(tokens: Tokens) -> None:
    await tokens.routing.feed(tokens.said("warn"))
    await tokens.routing.rows(
        "UPDATE routing.announcements SET state = 'sending', attempts = 1,"
        " claim = gen_random_uuid(), deadline = clock_timestamp() - interval '1 second' RETURNING 1"
    )
    sender = tokens.another()
    await tell(sender)
    await tokens.at_once()
    await tell(sender)
    assert (len(tokens.receiver.requests), await tokens.states()) == (1, ["sent"])


@pytest.mark.parametrize(
    "odd", [{"expires": "soon"}, {"level": "loud"}, {"source": 7}, {"actor": "visitor"}]
)
async def test_what_has_another_shape_plans_nothing(tokens: Tokens, odd: dict[str, str]) -> None:
    data = {"source": "ads", "expires": tokens.expires.isoformat(), "level": "warn", **odd}
    actor = str(data.pop("actor", "system"))
    said = Activity(new_id(), "source.token_expiring", tokens.routing.now, actor, data=data)
    await tokens.routing.feed(Event(said.activity_id, "ads", tokens.routing.now, said))
    assert await tokens.states() == []


@pytest.mark.parametrize(("told", "ends"), [(False, "failed"), (True, "sent"), (None, "sent")])
async def test_a_day_that_is_written_down_no_more_is_none_that_a_platform_knows(
    tokens: Tokens, *, told: bool | None, ends: str
) -> None:
    said = {} if told is None else {"told": told}
    await tokens.routing.feed(tokens.said("alarm", **said))
    tokens.routing.configure(tokens.written(with_day=False))
    await tell(tokens.another())
    assert await tokens.states() == [ends]


def known(tokens: Tokens, expires: date | None, **later: float) -> Event:
    """Capture's word of what the platform said."""
    at = tokens.routing.now + timedelta(**later)
    data = {"source": "ads", "source_kind": "meta", "expires": expires and expires.isoformat()}
    said = Activity(new_id(), "source.token_known", at, data=data)
    return Event(said.activity_id, "ads", at, said)


@pytest.mark.parametrize("is_known_first", [True, False])
async def test_what_a_platform_said_is_told_too(tokens: Tokens, is_known_first: bool) -> None:  # noqa: FBT001 - a case
    tokens.routing.configure(tokens.written(with_day=False))
    words = [known(tokens, tokens.expires, days=-1), tokens.said("alarm")]
    for word in words if is_known_first else reversed(words):
        await tokens.routing.feed(word)
    await tell(tokens.another())
    assert (await tokens.states(), len(tokens.receiver.requests)) == (["sent"], 1)


@pytest.mark.parametrize("later", [None, timedelta(days=60)])
async def test_nobody_is_told_of_an_end_that_the_platform_has_taken_back(
    tokens: Tokens, later: timedelta | None
) -> None:
    tokens.routing.configure(tokens.written(with_day=False))
    await tokens.routing.feed(tokens.said("alarm"))
    await tokens.routing.feed(known(tokens, tokens.expires + later if later else None, minutes=1))
    await tell(tokens.another())
    assert (await tokens.states(), tokens.receiver.requests) == (["failed"], [])
