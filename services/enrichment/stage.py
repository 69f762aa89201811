"""The shell of enrichment: load, let the rules decide, save, answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec import structs

from libs.common import topics
from libs.common.configuration import Configurations
from libs.common.database import Transaction
from libs.common.events import Activity, Event, LeadCaptured
from libs.common.stage.contract import Answer, Receipt
from libs.common.stage.turns import in_turns
from services.enrichment import effects, erasing, journey
from services.enrichment.answers import Made, enriched, repeated
from services.enrichment.dedupe import Settled, settle
from services.enrichment.erase import is_asked
from services.enrichment.intake import Item, released, sort_out, submission_of
from services.enrichment.placing import Named, Past, goes_on, messages_in
from services.enrichment.replayed import beside, restated
from services.enrichment.reread import reread
from services.enrichment.store import identity, messages, saving, submissions
from services.enrichment.store.saving import Kept
from services.enrichment.stored import Stored
from services.enrichment.visits import led, persons_of


def _utc_now() -> datetime:
    return datetime.now(UTC)


class EnrichmentStage:
    """Who it is, whether it is real, what is held; a constant number of statements a slice."""

    name: Final = "enrichment"
    topics: Final = (topics.CAPTURED, topics.ACTIVITY)

    def __init__(
        self, configurations: Configurations, clock: Callable[[], datetime] = _utc_now
    ) -> None:
        self._configurations = configurations
        self._clock = clock

    def committed(self) -> None:
        """Nobody here waits for rows."""

    async def receive(self, tx: Transaction, receipts: Sequence[Receipt]) -> None:
        """Note which records of the spools have come."""
        await submissions.save_receipts(tx, receipts)

    async def handle(self, tx: Transaction, batch: Sequence[Event]) -> Sequence[Answer]:
        """Apply the slice. Raises Retry while persons that it needs are being joined."""
        version, configuration = await self._configurations.in_force(tx)
        country = configuration.organisation.country
        if not any(map(is_asked, batch)):
            return await self._others(tx, batch, country, version)
        asked = [event for event in batch if is_asked(event)]
        erased = await erasing.apply(tx, asked, country, self._clock())
        others = [event for event in batch if event.id not in erased]
        answers = await self._others(tx, others, country, version)
        known = {event.id: a for event, a in zip(others, answers, strict=True)} | erased
        return [known[event.id] for event in batch]

    async def _others(
        self, tx: Transaction, batch: Sequence[Event], country: str, version: int
    ) -> Sequence[Answer]:
        """All that asks for no erasure; a tombstone answers nothing."""
        said = messages_in(batch)
        named = [id_ for event in batch if (id_ := submission_of(event))]
        named += [one.message for one in said.values()]
        if said:  # another lane may be taking one of them out of its conversation
            await submissions.hold(tx, named)
        stored = await submissions.load(tx, named)
        past = await self._past(tx, batch, said, stored)
        if again := released(batch, stored):
            stored |= await self._read_again(tx, {one: stored[one] for one in again})
        items = [item async for item in in_turns(sort_out(batch, stored, country, past))]
        items = await journey.with_scans(tx, items)
        replayed = await journey.with_scans(tx, list(beside(items, stored, country)))
        settled = await self._settle(tx, items, batch, replayed)
        made = await self._save(tx, items, settled, version)
        earlier = await journey.follow(tx, batch, items, settled, made.at)
        late = await journey.catch_up(tx, items, settled, made.at)
        standing = await self._restate(tx, replayed, settled, made)
        return [
            _with(
                _answer(item, settled, made),
                [e for told in (standing, earlier, late) for e in told.get(item.event.id, ())],
            )
            async for item in in_turns(items)
        ]

    async def _past(
        self,
        tx: Transaction,
        batch: Sequence[Event],
        said: Mapping[str, Named],
        stored: Mapping[str, Stored],
    ) -> Past:
        """What has been done with the slice's messages; those that are anew, taken out."""
        asked = {e.id: said[e.id] for e in batch if e.id in said and isinstance(e.data, Activity)}
        ended = [
            event
            for event, one in said.items()
            if event not in asked and (whole := stored.get(one.conversation))
            if not goes_on(whole)
        ]
        again = [
            event.data
            for event in batch
            if isinstance(event.data, LeadCaptured) and event.data.again_after
            if (one := said.get(event.id)) and one.conversation in stored
        ]
        return Past(
            await messages.told(tx, ended),
            await messages.take(tx, asked),
            await messages.moments(tx, again),
        )

    async def _read_again(self, tx: Transaction, held: Mapping[str, Stored]) -> dict[str, Stored]:
        """What is released, with the fields that the mapping of now finds in it."""
        content = (await self._configurations.in_force(tx)).content
        sources = {source.key: source for source in content.sources}
        found = {}
        for id_, raw in (await submissions.raws(tx, list(held))).items():
            before = held[id_].captured
            after = reread(before, raw, sources.get(before.source))
            found[id_] = structs.replace(held[id_], captured=after, read_again=after is not before)
        return found

    async def _restate(
        self, tx: Transaction, replayed: Sequence[Item], settled: Settled, made: Made
    ) -> Mapping[str, Sequence[Event]]:
        """What stands in another round now, by the event behind it."""
        stand = [(item, item.stored) for item in replayed if item.stored]
        await submissions.advance(tx, {one.id: item.round for item, one in stand})
        whose = {one.id: settled.whose.get(one.id) or one.person_id for _, one in stand}
        living = await identity.living(tx, filter(None, whose.values()))
        return {
            item.event.id: [restated(item, living.get(whose[one.id] or ""), settled, made)]
            for item, one in stand
            if one.outcome != "enriched" or whose[one.id] in living
        }

    async def _settle(
        self,
        tx: Transaction,
        items: Sequence[Item],
        batch: Sequence[Event],
        replayed: Sequence[Item],
    ) -> Settled:
        """Lock what the slice's claims name, identifiers before persons, and decide."""
        brought = effects.claims(items, await journey.known(tx, items))
        claims, held, carried = await journey.hold(tx, brought)
        named = {claim.person_id for claim in claims if claim.person_id}
        named |= {*held.owners.values(), *persons_of(carried), *journey.due_persons(batch)}
        named |= {i.stored.person_id for i in replayed if i.stored and i.stored.person_id}
        living, persons = await identity.lock_persons(tx, named)
        settled = settle(
            [claim.of(living) for claim in claims],
            persons,
            {identifier: living[owner] for identifier, owner in held.owners.items()},
            held.since,
            led(carried, living),
        )
        settled.awaited = held.awaited
        settled.carried = carried
        return settled

    async def _save(
        self, tx: Transaction, items: Sequence[Item], settled: Settled, config_version: int
    ) -> Made:
        """Write all that is kept of the slice."""
        now = self._clock()
        kept = Kept(
            effects.rows(items, settled),
            effects.touches(items, settled),
            settled,
            config_version,
            now,
        )
        versions = await saving.save(tx, kept)
        await identity.save_candidates(tx, effects.candidates(items, settled), now)
        fresh = await submissions.save_resends(tx, effects.resends(items))
        await messages.save_apart(tx, effects.apart(items), now)
        return Made(now, config_version, versions, frozenset(fresh))


def _answer(item: Item, settled: Settled, made: Made) -> Answer:
    if item.rejected:
        return Answer(rejected=item.rejected)
    if item.changes:
        return Answer((enriched(item, settled, made),))
    if item.event.id in made.fresh and item.action != "nothing":
        return Answer((repeated(item, settled, made),))
    return Answer()


def _with(answer: Answer, earlier: Sequence[Event]) -> Answer:
    """The answer, and what follows of those who came before it: visits told, codes learnt."""
    return Answer((*answer.events, *earlier)) if earlier else answer
