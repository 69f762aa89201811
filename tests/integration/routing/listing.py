"""Rows of a list as routing sees them, and the sender of its summaries."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from libs.common.events import Activity, Event, LeadScored
from services.routing.channels.console import Console
from services.routing.channels.contract import Channel
from services.routing.channels.webhook import Webhook
from services.routing.leads.listing import IMPORTED
from services.routing.sending.apart import ApartSender
from services.routing.sending.summaries import Summaries
from services.routing.stage import utc_now
from tests.integration.routing.conftest import Sending, new_id

FILE = "نمایشگاه.csv"


class Listing:
    """A list that is being worked through."""

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        self.routing = sending.routing
        self.id = new_id()
        self._made: list[ApartSender] = []

    def row(self, person: str | None = None, **more: Any) -> Event:
        """A person of it, as scoring sends them on."""
        event = self.routing.scored(person or new_id(), **more)
        assert isinstance(event.data, LeadScored)
        enriched = event.data.enriched
        assert enriched is not None
        told = {"file": FILE, "sha256": "ab", "row": 2, "list": self.id}
        contact = msgspec.structs.replace(enriched.contact, extra={"_import": told})
        touch = msgspec.structs.replace(enriched.touch, kind="import", source="expo")
        of_list = msgspec.structs.replace(enriched, contact=contact, touch=touch)
        return msgspec.structs.replace(
            event, data=msgspec.structs.replace(event.data, enriched=of_list)
        )

    def done(self) -> Event:
        """The desk's word that it has been worked through."""
        activity = Activity(
            activity_id=new_id(), type=IMPORTED, at=self.routing.now, data={"list": self.id}
        )
        return Event(activity.activity_id, self.id, self.routing.now, activity)

    def sender(self, webhook: Channel | None = None) -> ApartSender:
        """One more process that sends summaries, not started."""
        hook = webhook or Webhook(utc_now, 30.0)
        runtime, channels = self.sending.runtime(), [Console(self.sending.said.append), hook]
        made = ApartSender(runtime, channels, [Summaries(runtime)])
        self._made.append(made)
        return made

    async def tell(self, sender: ApartSender) -> None:
        """Look until nothing is under way any more."""
        await sender.turn()
        await asyncio.gather(*sender.under_way)
        await sender.turn()

    async def older(self, minutes: int) -> None:
        """As if all that is kept had come so much earlier."""
        for query in (
            "UPDATE routing.listed SET at = at - make_interval(mins => :minutes) RETURNING 1",
            "UPDATE routing.summaries SET at = at - make_interval(mins => :minutes) RETURNING 1",
        ):
            await self.routing.rows(query, minutes=minutes)

    async def messages(self) -> list[tuple[str, str, str]]:
        """Kind, recipient and state of every message about it."""
        rows = await self.routing.rows(
            "SELECT kind, recipient, state FROM routing.summary_messages ORDER BY planned_at, id"
        )
        return [tuple(row) for row in rows]

    async def states(self) -> dict[str, int]:
        """How many submissions are in which state, by routing's own book."""
        rows = await self.routing.rows(
            "SELECT state, CAST(count(*) AS int) FROM routing.ledger GROUP BY state"
        )
        return {row[0]: row[1] for row in rows}

    async def close(self) -> None:
        """Stop what was made."""
        for one in self._made:
            await one.close()
