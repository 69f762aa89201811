"""Those who answer for teams hear of a source that has gone quiet: once, while it is so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from msgspec import structs

from libs.common.events import Activity, Event, derived_id
from services.routing.channels.console import Console
from services.routing.channels.webhook import Webhook
from services.routing.sending.announcing import SourceHeardAgain, SourceSilent, TokenEnds
from services.routing.sending.apart import ApartSender
from services.routing.stage import utc_now
from tests.integration.routing.conftest import Sending, new_id
from tests.integration.routing.receiver import SECRET

FILE = """
sites: [{{key: main, hosts: [nil.example], forms: [{{key: {form}}}]}}]
teams:
  - {{key: seo, name: SEO, manager: mina, specialists: [{{key: sara, name: Sara}}]}}
  - key: reception
    name: reception
    specialists:
      - {{key: mina, name: Mina, languages: [en], notify: [{{channel: webhook, to: "{url}"}}]}}
routing: {{fallback: reception}}
channels: {{webhook: {{secret: {secret}}}}}
"""
CLAIM_BEFORE = """
    UPDATE routing.announcements a SET state = 'sending'
    WHERE a.id = ANY (ARRAY(
        SELECT id FROM routing.announcements
        WHERE state = 'planned' AND next_at <= clock_timestamp()
        ORDER BY next_at, id LIMIT 8 FOR UPDATE SKIP LOCKED))
    RETURNING CAST(a.id AS text) AS id, a.source, a.expires
"""
"""As the build before claims what it tells of sources."""


class Quiet:
    """A source that has gone quiet, and the senders who tell of it."""

    def __init__(self, sending: Sending) -> None:
        self.sending = sending
        self.routing = sending.routing
        self.receiver = sending.receiver
        self.last = self.routing.now - timedelta(days=3, hours=2)
        self.senders: list[ApartSender] = []
        self.configure()

    def configure(self, form: str = "contact") -> None:
        written = FILE.format(form=form, url=self.receiver.url, secret=SECRET)
        self.routing.configure(written)

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


@pytest.fixture
async def quiet(sending: Sending) -> AsyncIterator[Quiet]:
    found = Quiet(sending)
    yield found
    for one in found.senders:
        await one.close()


async def test_a_silence_is_told_once_to_each_manager(quiet: Quiet) -> None:
    one, other = quiet.another(), quiet.another()
    for _ in range(2):
        await quiet.routing.feed(quiet.said())
        await asyncio.gather(quiet.tell(one), quiet.tell(other))
    (request,) = quiet.receiver.requests
    body = request.verified()
    data = body["data"]
    assert isinstance(data, dict)
    assert (body["type"], data["kind"]) == ("source.silent", "source_silent")
    assert (data["source"], data["source_kind"]) == ("contact", "form")
    assert (data["specialist"], data["usual_seconds"]) == ("mina", 7200)
    assert datetime.fromisoformat(str(data["last_at"])) == quiet.last
    assert int(str(data["quiet_seconds"])) >= 74 * 3600
    assert str(data["url"]).endswith("/sources/contact")
    assert await quiet.states() == [("sent", None)]


@pytest.mark.parametrize("order", [("silent", "heard_again"), ("heard_again", "silent")])
async def test_nobody_is_told_of_a_source_that_was_heard_again(
    quiet: Quiet, order: tuple[str, str]
) -> None:
    for name in order:
        await quiet.routing.feed(quiet.said(name))
    await quiet.tell()
    assert quiet.receiver.requests == []
    assert await quiet.states() == [("failed", "superseded")]
    await quiet.routing.feed(quiet.said(last=quiet.last + timedelta(days=1)))
    await quiet.tell()
    assert len(quiet.receiver.requests) == 1, "the silence after that is another one"


async def test_what_waits_for_another_try_is_dropped_once_it_is_heard_again(quiet: Quiet) -> None:
    quiet.receiver.modes = ["500"]
    sender = quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(sender)
    assert [state for state, _error in await quiet.states()] == ["planned"]
    await quiet.routing.feed(quiet.said("heard_again"))
    await quiet.at_once()
    await quiet.tell(sender)
    assert await quiet.states() == [("failed", "superseded")]
    assert len(quiet.receiver.requests) == 1


async def test_who_was_told_of_a_silence_is_told_once_of_its_end(quiet: Quiet) -> None:
    one, other = quiet.another(), quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(one)
    for _ in range(2):
        await quiet.routing.feed(quiet.heard())
        await asyncio.gather(quiet.tell(one), quiet.tell(other))
    assert quiet.types() == ["source.silent", "source.heard_again"]
    silent, heard = (request.verified()["data"] for request in quiet.receiver.requests)
    assert isinstance(silent, dict)
    assert isinstance(heard, dict)
    assert heard["notification_id"] != silent["notification_id"]
    assert (heard["source"], heard["kind"]) == ("contact", "source_heard_again")
    assert heard["specialist"] == "mina"
    assert heard["quiet_seconds"] == (74 * 60 - 10) * 60


async def test_who_was_never_told_of_a_silence_hears_nothing_of_its_end(quiet: Quiet) -> None:
    quiet.receiver.modes = ["410"]
    await quiet.routing.feed(quiet.said())
    await quiet.tell()
    assert [state for state, _error in await quiet.states()] == ["failed"]
    await quiet.routing.feed(quiet.heard())
    await quiet.tell()
    assert await quiet.routing.rows("SELECT 1 FROM routing.reliefs") == []


async def test_the_end_of_a_silence_that_is_being_told_waits_for_that(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    await quiet.routing.rows(
        "UPDATE routing.silences SET state = 'sending', attempts = 1, claim = gen_random_uuid(),"
        " deadline = clock_timestamp() + interval '1 hour' RETURNING 1"
    )
    await quiet.routing.feed(quiet.heard())
    await quiet.tell()
    assert quiet.types() == []
    await quiet.routing.rows("UPDATE routing.silences SET state = 'sent' RETURNING 1")
    await quiet.tell()
    assert quiet.types() == ["source.heard_again"]


async def test_an_end_that_another_silence_has_overtaken_is_not_told(quiet: Quiet) -> None:
    sender = quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(sender)
    later = quiet.said(last=quiet.last + timedelta(days=2))
    await quiet.routing.feed(quiet.heard(), later)
    await quiet.tell(sender)
    assert quiet.types() == ["source.silent", "source.silent"]
    assert [row[0] for row in await quiet.routing.rows("SELECT error FROM routing.reliefs")] == [
        "superseded"
    ]


@pytest.mark.parametrize("at_once", [False, True])
async def test_an_end_is_told_though_another_silence_came_and_went_untold(
    quiet: Quiet, *, at_once: bool
) -> None:
    """As when routing was away: whoever was told of the first is to know that it is over."""
    sender = quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(sender)
    again = quiet.last + timedelta(days=2)
    words = [quiet.heard(), quiet.said(last=again), quiet.heard(again)]
    for events in [words] if at_once else [[word] for word in words]:
        await quiet.routing.feed(*events)
    await quiet.tell(sender)
    assert quiet.types() == ["source.silent", "source.heard_again"]
    assert [state for state, _error in await quiet.states()] == ["sent", "failed"]


async def test_rule_28_an_end_that_was_known_before_is_no_news_when_it_is_read_again(
    quiet: Quiet,
) -> None:
    """The word itself says when it was heard, also one that the build before has read."""
    sender = quiet.another()
    await quiet.routing.feed(quiet.said())
    await quiet.tell(sender)
    await quiet.routing.feed(quiet.heard())
    await quiet.routing.rows("UPDATE routing.silences SET heard_at = NULL RETURNING 1")
    await quiet.routing.feed(structs.replace(quiet.heard(), id=new_id()))
    await quiet.tell(sender)
    assert quiet.types() == ["source.silent"]


async def test_of_silences_that_the_build_before_ended_nobody_hears(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    await quiet.tell()
    await quiet.routing.feed(quiet.said("heard_again"))
    await quiet.tell()
    assert quiet.types() == ["source.silent"]


async def test_nobody_is_told_of_what_is_not_configured_any_more(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    quiet.configure(form="other")
    await quiet.tell()
    assert (quiet.receiver.requests, await quiet.states()) == ([], [("failed", "superseded")])


async def test_rule_20_a_claim_of_a_dead_process_is_settled_by_another(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    await quiet.routing.rows(
        "UPDATE routing.silences SET state = 'sending', attempts = 1, claim = gen_random_uuid(),"
        " deadline = clock_timestamp() - interval '1 second' RETURNING 1"
    )
    sender = quiet.another()
    await quiet.tell(sender)
    await quiet.at_once()
    await quiet.tell(sender)
    assert (len(quiet.receiver.requests), await quiet.states()) == (1, [("sent", None)])


async def test_the_build_before_tells_no_silence_as_the_end_of_a_token(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said())
    assert await quiet.routing.rows(CLAIM_BEFORE) == []
    await quiet.tell()
    assert await quiet.states() == [("sent", None)]


@pytest.mark.parametrize(
    "odd", [{"last_at": "soon"}, {"last_at": "2026-11-21"}, {"source": 7}, {"actor": "visitor"}]
)
async def test_what_has_another_shape_plans_nothing(quiet: Quiet, odd: dict[str, object]) -> None:
    data = {"source": "contact", "last_at": quiet.last.isoformat(), **odd}
    actor = str(data.pop("actor", "system"))
    for name in ("source.silent", "source.heard_again"):
        said = Activity(new_id(), name, quiet.routing.now, actor, data=data)
        await quiet.routing.feed(Event(said.activity_id, "contact", quiet.routing.now, said))
    assert await quiet.states() == []
    assert await quiet.routing.rows("SELECT 1 FROM routing.heard_again") == []


async def test_a_usual_pause_of_another_shape_is_left_out(quiet: Quiet) -> None:
    await quiet.routing.feed(quiet.said(usual_seconds="often"))
    await quiet.tell()
    (request,) = quiet.receiver.requests
    data = request.verified()["data"]
    assert isinstance(data, dict)
    assert data["usual_seconds"] is None
