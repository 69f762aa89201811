"""The desk's listeners for silence, and time that passes for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import structs

from libs.common.database.statements import text
from libs.common.events import Activity, decode
from services.desk.sources.hearing import Silences
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import Journey

FILE = """
organisation: {name: Nil Studio, time_zone: Asia/Tehran, country: IR, languages: [fa, en]}
sites: [{key: main, hosts: [nil.example], forms: [{key: contact}]}]
teams: [{key: seo, name: SEO, specialists: [{key: sara, name: Sara}]}]
routing: {fallback: seo}
"""
HOUR = timedelta(hours=1)


class Listening:
    """A desk's listeners, and the hours that pass for them."""

    def __init__(self, desk: Desk) -> None:
        file = desk.runtime.configurations.path
        file.write_text(FILE, encoding="utf-8")
        desk.runtime.configurations.__init__(file, desk.database)  # type: ignore[misc]  # a restart
        self.desk = desk
        self.now = datetime.now(UTC)

    async def other(self) -> Silences:
        """One of another process, or after a restart, once it is sure to be up to date."""
        found = Silences(self.desk.runtime)
        await found.look()
        return found

    async def came(self, hours_ago: Sequence[float], **more: Any) -> None:
        events = [Journey(self.now - HOUR * ago).captured() for ago in hours_ago]
        data = (structs.replace(event.data, **more) for event in events)
        pairs = zip(events, data, strict=True)
        await self.desk.feed(*(structs.replace(event, data=said) for event, said in pairs))

    async def became_a_lead(self, hours_ago: float) -> None:
        one = Journey(self.now - HOUR * hours_ago)
        await self.desk.feed(one.captured(), one.enriched())

    async def pass_by(self, hours: float) -> None:
        """As if they had been listened to for so much longer."""
        async with self.desk.database.transaction() as tx:
            await tx.execute(
                text("UPDATE desk.silences SET listened = listened + make_interval(secs => :more)"),
                {"more": hours * 3600.0},
            )

    def said(self) -> list[tuple[str, Mapping[str, Any]]]:
        events = [decode(record) for record in self.desk.tape.records]
        return [(one.data.type, one.data.data) for one in events if isinstance(one.data, Activity)]
