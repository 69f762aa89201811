"""Platforms are asked when tokens end, about once a day; what they say is told in good time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from libs.common.database import Database
from services.capture.workers.client import Client
from services.capture.workers.expiring import Expiring
from services.capture.workers.introspector import Introspector
from tests.doubles.linkedin import LinkedIn
from tests.integration.capture.fetching.hydration import START, Hydration


class Asking:
    """A source, its platform, and processes that ask it when the token ends."""

    def __init__(self, hydration: Hydration, more: str) -> None:
        self.hydration = hydration
        self.platform = hydration.graph
        self.more = more
        self.configure()

    def configure(self, access: str = "token-1", more: str = "") -> None:
        self.hydration.configure(access, more=self.more + more)

    def ends_in(self, days: float, access: str = "token-1") -> None:
        self.platform.ends[access] = int((START + timedelta(days=days)).timestamp())

    async def look(self, **later: float) -> None:
        """As another process has it: ask what is due, and tell what is to be told."""
        self.hydration.now += timedelta(**later)
        client = Client(10.0)
        runtime = self.hydration.runtime()
        asker = Introspector(runtime, client, self.hydration.clock)
        try:
            await asker.turn()
            await asker.settled()
        finally:
            await client.close()
        await Expiring(runtime, self.hydration.clock).look()

    @property
    def asked(self) -> int:
        return self.platform.asked["token"]

    def known(self) -> list[Any]:
        """The words of what is known, in their order."""
        said = self.hydration.activities()
        return [one.data["expires"] for one in said if one.type == "source.token_known"]

    def levels(self) -> list[tuple[str, str]]:
        said = self.hydration.activities()
        told = [one.data for one in said if one.type == "source.token_expiring"]
        return [(data["level"], data["expires"]) for data in told]

    def told(self) -> list[bool]:
        """Of each of these, whether the platform said it."""
        said = self.hydration.activities()
        return [one.data["told"] for one in said if one.type == "source.token_expiring"]


@pytest.fixture(params=["meta", "linkedin"])
async def asking(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> AsyncIterator[Asking]:
    graph = LinkedIn() if request.param == "linkedin" else None
    hydration = Hydration(database, tmp_path, request.param, graph)
    yield Asking(hydration, ", client_id: '86abc'" if graph else "")
    await hydration.close()


async def test_a_tokens_end_is_asked_for_once_a_day_and_told_before_it_comes(
    asking: Asking,
) -> None:
    asking.ends_in(20)
    for _ in range(3):
        await asking.look(hours=1)
    assert (asking.asked, asking.known(), asking.levels()) == (1, ["2026-12-11"], [])
    await asking.look(days=6)
    assert (asking.asked, asking.levels()) == (2, [("warn", "2026-12-11")])
    await asking.look(days=11)
    assert asking.levels() == [("warn", "2026-12-11"), ("alarm", "2026-12-11")]
    assert asking.known() == ["2026-12-11"] * 3


async def test_no_address_has_a_token_or_a_secret(asking: Asking) -> None:
    asking.ends_in(20)
    await asking.look()
    assert asking.known() == ["2026-12-11"]
    assert not [path for path in asking.platform.paths if "token-1" in path or "=s" in path]


@pytest.mark.parametrize("mood", ["fails", "resets", "garbles", "throttles", "bad_token"])
async def test_a_platform_that_is_away_or_refuses_changes_nothing_that_is_known(
    asking: Asking, mood: str
) -> None:
    asking.ends_in(10)
    await asking.look()
    asking.platform.mood = mood
    await asking.look(days=1)
    await asking.look(minutes=30)
    before = len(asking.platform.paths)
    await asking.look(days=6)
    assert len(asking.platform.paths) > before
    assert asking.known() == ["2026-12-01"]
    assert asking.levels() == [("warn", "2026-12-01"), ("alarm", "2026-12-01")]
    asking.platform.mood = "well"
    asking.ends_in(70)
    await asking.look(hours=2)
    assert asking.known() == ["2026-12-01", "2027-01-30"]


async def test_of_another_token_nothing_is_known_until_its_platform_answers(
    asking: Asking,
) -> None:
    asking.ends_in(10)
    await asking.look()
    asking.platform.mood = "fails"
    asking.configure("token-2")
    asking.platform.tokens = {"token-2"}
    asking.ends_in(70, "token-2")
    await asking.look(minutes=1)
    await asking.look(hours=2)
    assert asking.known() == ["2026-12-01", None]
    asking.platform.mood = "well"
    await asking.look(hours=2)
    assert asking.known() == ["2026-12-01", None, "2027-01-30"]
    assert asking.levels() == [("warn", "2026-12-01")]
    assert asking.told() == [True]


async def test_what_is_written_down_goes_before_the_platforms_word(asking: Asking) -> None:
    asking.ends_in(70)
    await asking.look()
    asking.configure(more=", token_expires: 2026-11-24")
    await asking.look(days=1)
    assert (asking.asked, asking.levels()) == (1, [("alarm", "2026-11-24")])
    assert asking.told() == [False]


async def test_a_token_that_never_ends_is_not_told_of(database: Database, tmp_path: Path) -> None:
    asking = Asking(Hydration(database, tmp_path), "")
    asking.platform.ends["token-1"] = 0
    await asking.look()
    assert (asking.asked, asking.known(), asking.levels()) == (1, [None], [])
    await asking.hydration.close()
