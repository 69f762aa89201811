"""A source that has gone quiet, and the senders who tell of it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from libs.common.events import Activity, Event, derived_id
from services.routing.channels.console import Console
from services.routing.channels.webhook import Webhook
from services.routing.sending.announcing import SourceHeardAgain, SourceSilent, TokenEnds
from services.routing.sending.apart import ApartSender
from services.routing.stage import utc_now
from tests.integration.routing.conftest import Sending
from tests.integration.routing.receiver import MINA, SECRET

FILE = (
    """
sites: [{{key: main, hosts: [nil.example], forms: [{{key: {form}}}]}}]
teams:
  - {{key: seo, name: SEO, manager: {manager}, specialists: [{{key: sara, name: Sara}}]}}
"""
    + MINA
)


class Quiet:
    """A source that has gone quiet, and the senders who tell of it."""

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        self.routing = sending.routing
        self.receiver = sending.receiver
        self.last = self.routing.now - timedelta(days=3, hours=2)
        self.senders: list[ApartSender] = []
        self.configure()

    def configure(self, form: str = "contact", manager: str = "mina") -> None:
        written = FILE.format(form=form, manager=manager, url=self.receiver.url, secret=SECRET)
        self.routing.configure(written)

    async def close(self) -> None:
        for one in self.senders:
            await one.close()

    def another(self) -> ApartSender:
        channels = (Console(self.sending.said.append), Webhook(utc_now, 30.0))
        runtime = self.sending.runtime()
        kinds = (TokenEnds(), SourceSilent(), SourceHeardAgain(runtime))
        self.senders.append(ApartSender(runtime, channels, kinds))
        return self.senders[-1]

    async def tell(self, sender: ApartSender | None = None) -> None:
        """Look once, and let what is under way end."""
        sender = sender or self.another()
        await sender.turn()
        await asyncio.gather(*sender.under_way)

    def said(self, name: str = "silent", last: datetime | None = None, **more: object) -> Event:
        """The desk's word."""
        at = (last or self.last).isoformat()
        id_ = derived_id(name, at)
        told = {"source": "contact", "source_kind": "form", "last_at": at, "usual_seconds": 7200}
        data = Activity(id_, f"source.{name}", self.routing.now, data={**told, **more})
        return Event(id_, "contact", self.routing.now, data)

    async def states(self) -> list[tuple[str, str | None]]:
        rows = await self.routing.rows(
            "SELECT state, error FROM routing.silences ORDER BY last_at, id"
        )
        return [(row[0], row[1]) for row in rows]

    def heard(self, last: datetime | None = None) -> Event:
        """The desk's word that it has spoken, ten minutes ago."""
        at = self.routing.now - timedelta(minutes=10)
        return self.said("heard_again", last, heard_at=at.isoformat())

    def types(self) -> list[object]:
        """Of what came to the receiver, in order."""
        return [request.verified()["type"] for request in self.receiver.requests]

    async def at_once(self) -> None:
        """As if what is to be tried again were due."""
        await self.routing.rows(
            "UPDATE routing.silences SET next_at = clock_timestamp() RETURNING 1"
        )
