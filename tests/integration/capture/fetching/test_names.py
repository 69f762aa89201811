"""Instagram's messages go out at once; the names of their senders follow, whatever Meta does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from libs.common.database import Database
from libs.common.database.statements import text
from libs.common.erasing import PERSON_ERASED, SUBMISSION_ERASED, Erasure
from libs.common.events import Activity, Event, LeadCaptured, decode, derived_id, digest, encode
from libs.common.log import Partition, Stored
from services.capture.door.door import in_order
from tests.doubles.instagram import Profiles
from tests.doubles.signing import Sent, signed
from tests.fixtures.capture.capturing import CONFIGURATION, capturing
from tests.integration.capture.fetching.hydration import Hydration
from tests.unit.capture.sources.samples import body, expected

PERSON = "1784014059999001"


@pytest.fixture
async def names(database: Database, tmp_path: Path) -> AsyncIterator[Hydration]:
    made = Hydration(database, tmp_path, "instagram", Profiles())
    made.configure()
    yield made
    await made.close()


def message(names: Hydration, mid: str, person: str = PERSON, **more: Any) -> LeadCaptured:
    """A message as the door has it: whole but for the name."""
    whole = {
        "kind": "chat",
        "source": "ads",
        "source_kind": "instagram",
        "received_at": names.now,
        "digest": digest(mid.encode()),
        "raw": b"{}",
        "key_owner": "platform",
        "fields": {"handle": f"instagram:{person}", "message": "قیمت؟"},
        "extra": {"to": "1"},
        "platform_id": person,
    }
    return LeadCaptured(submission_id=derived_id("m", mid), **{**whole, **more})


async def come(names: Hydration, *messages: LeadCaptured) -> None:
    """What the door has published is read by capture's own stage, if it wants it."""
    events = [Event(derived_id(x.digest), x.submission_id, names.now, x) for x in messages]
    async with names.database.transaction() as tx:
        await names.stage.handle(tx, events)


async def rows(names: Hydration, statement: str) -> list[tuple[Any, ...]]:
    async with names.database.transaction() as tx:
        return [tuple(row) for row in await tx.execute(text(statement))]


async def test_a_name_follows_as_a_revision_in_its_conversation_s_order(names: Hydration) -> None:
    first = message(names, "m1")
    await come(names, first)
    await names.run(2)
    (named,) = names.published()
    assert (named.submission_id, named.revision) == (first.submission_id, 2)
    assert named.fields == {**first.fields, "name": f"نیلوفر {PERSON}"}
    assert named.extra == {"to": "1", "username": f"niloo.{PERSON}"}
    assert (named.hydrate, named.held, named.platform_id) == (False, None, None)
    assert named.nickname, "one that they type later goes before it"
    assert named.digest != first.digest
    (stored,) = [one for lane in names.log.lanes.values() for one in lane]
    assert decode(stored).extensions == in_order(first), "it cannot overtake what it is of"
    await come(names, named)
    await names.later(hours=1)
    assert len(names.published()) == 1
    assert all("token-1" not in path for path in names.graph.paths)


async def test_what_somebody_said_of_themselves_goes_before(names: Hydration) -> None:
    said = {"handle": f"instagram:{PERSON}", "name": "سارا"}
    await come(names, message(names, "m1", fields=said, extra={"username": "mine"}))
    await names.run(2)
    (named,) = names.published()
    assert (named.fields["name"], named.extra["username"]) == ("سارا", "mine")


async def test_a_person_is_asked_about_once_and_again_after_a_week(names: Hydration) -> None:
    await come(names, message(names, "m1"), message(names, "m2"), message(names, "m3", "77"))
    await names.run(2)
    await come(names, message(names, "m4"))
    await names.later(hours=1)
    assert names.graph.asked == {PERSON: 1, "77": 1}
    await names.later(days=8)
    await come(names, message(names, "m5"))
    await names.run(2)
    assert names.graph.asked == {PERSON: 2, "77": 1}
    assert len(names.published()) == 3


@pytest.mark.parametrize("mood", ["disagrees", "misses"])
async def test_who_cannot_be_looked_at_stops_nobody(names: Hydration, mood: str) -> None:
    names.graph.moods[PERSON] = mood
    await come(names, message(names, "m1"))
    await names.run(2)
    await names.later(hours=1)
    assert (names.published(), names.words(), await names.waiting()) == ([], [], 0)
    assert names.graph.asked[PERSON] == 1
    await come(names, message(names, "m2"))
    await names.later(minutes=1)
    assert names.graph.asked[PERSON] == 2, "they may have agreed since"


@pytest.mark.parametrize("mood", ["fails", "hangs", "resets", "floods", "garbles"])
async def test_an_api_that_is_down_costs_names_only_and_only_for_a_day(
    names: Hydration, mood: str
) -> None:
    names.seconds = 0.3
    names.configure()
    names.graph.mood = mood
    await come(names, message(names, "m1"))
    await names.run(2)
    assert await rows(names, "SELECT count(*) FROM capture.ledger") == [(0,)], "nothing is awaited"
    for fetcher in names.fetchers:
        fetcher._look_at = 0.0  # noqa: SLF001 - its looks are ten real seconds apart
    await names.later(hours=25)
    assert names.published() == []
    assert await rows(
        names, "SELECT captured IS NULL, item FROM capture.fetches WHERE done_at IS NOT NULL"
    ) == [(True, "")], "neither words nor an id of anybody stay"


async def test_a_throttled_api_is_left_in_peace(names: Hydration) -> None:
    names.graph.mood = "throttles"
    await come(names, message(names, "m1"))
    await names.run(2)
    await names.later(minutes=18)
    assert names.graph.asked[PERSON] == 1
    names.graph.mood = "well"
    await names.later(minutes=2, turns=2)
    assert len(names.published()) == 1


async def test_a_void_token_is_told_of_and_another_one_brings_the_names(names: Hydration) -> None:
    names.graph.tokens = {"token-2"}
    await come(names, message(names, "m1"), message(names, "m2", "77"))
    await names.run(3)
    assert names.words() == [("source.paused", "190/460")]
    names.configure("token-2")
    await names.run(2)
    await names.later(seconds=1)
    assert len(names.published()) == 2
    assert [word for word, _ in names.words()] == ["source.paused", "source.resumed"]


async def test_a_source_that_has_lost_its_token_is_not_said_to_stand_still(
    names: Hydration,
) -> None:
    await come(names, message(names, "m1"))
    names.configure("")
    await names.run(2)
    assert (names.words(), names.published()) == ([], [])


async def test_what_is_taken_back_is_asked_about_no_more(names: Hydration) -> None:
    first = message(names, "m1")
    await come(names, first, message(names, "m1", withdrawn=True, platform_id=None))
    await names.run(2)
    assert names.graph.asked == {}
    assert await rows(names, "SELECT captured, item FROM capture.fetches") == [(None, "")]
    await come(names, message(names, "m2"))
    await names.run(2)
    assert names.graph.asked == {PERSON: 1}


async def test_rule_29_of_an_erased_person_nothing_is_kept_and_nothing_asked(
    names: Hydration,
) -> None:
    first = message(names, "m1")
    await come(names, first, message(names, "m2", "77"))
    person = derived_id("p")
    data = msgspec.to_builtins(Erasure(persons=(person,), submissions=(first.submission_id,)))
    said = Activity(derived_id("e"), PERSON_ERASED, names.now, person_id=person, data=data)
    async with names.database.transaction() as tx:
        await names.stage.handle(tx, [Event(derived_id("e"), person, names.now, said)])
    await names.run(2)
    assert names.graph.asked == {"77": 1}
    kept = "SELECT captured, item, stranger FROM capture.fetches WHERE error = 'erased'"
    assert await rows(names, kept) == [(None, "", None)]
    await come(names, message(names, "m3"))
    await names.later(seconds=1, turns=2)
    assert names.graph.asked[PERSON] == 1, "who writes again is somebody new"


async def test_who_was_erased_before_their_message_is_read_is_not_asked_about(
    names: Hydration,
) -> None:
    first, second = message(names, "m1"), message(names, "m2", "77")
    said = Activity("e", SUBMISSION_ERASED, names.now, submission_id=first.submission_id)
    async with names.database.transaction() as tx:
        await names.stage.handle(tx, [Event("e", "e", names.now, said)])
    await come(names, first, second)
    await names.run(2)
    assert names.graph.asked == {"77": 1}


@pytest.mark.parametrize("odd", [{"held": "unexpected_shape"}, {"platform_id": None}])
async def test_nobody_is_asked_about_for_what_is_held_or_has_its_name(
    names: Hydration, odd: dict[str, Any]
) -> None:
    await come(names, message(names, "m1", **odd))
    await names.run(2)
    assert names.graph.asked == {}


async def test_the_stage_wants_what_lacks_a_name_and_no_other_chat(names: Hydration) -> None:
    def wanted(data: LeadCaptured | Activity) -> bool:
        record = encode(Event(derived_id("x"), "k", names.now, data))
        lane = Partition(record.topic, 0)
        stored = Stored(lane, 0, record.key, record.value, record.headers, names.now)
        return names.stage.wants(stored)

    typed = {"handle": "x", "message": '"platform_id":"1"'}
    assert wanted(message(names, "m1"))
    assert not wanted(message(names, "m1", platform_id=None, fields=typed))
    assert wanted(Activity(derived_id("e"), PERSON_ERASED, names.now))


async def test_the_door_tells_whom_to_ask_about(tmp_path: Path) -> None:
    source = (
        "  - {key: ig, kind: instagram, secret: ig-app-secret-test-020, access_token: token-1}\n"
    )
    configuration = CONFIGURATION.replace("sources:\n", f"sources:\n{source}", 1)
    raw, secret = body("instagram", "instagram-batch.json"), expected("instagram")["secret"]
    headers = signed("instagram", Sent(raw, secret, 0, "", {"content-type": "application/json"}))
    async with capturing(tmp_path, configuration=configuration) as worker:
        answer = await worker.http.post("/v1/webhooks/instagram/ig", content=raw, headers=headers)
        assert answer.status_code == 200
        found = {one.extra.get("reply_to"): one for one in worker.leads}
    assert found["story"].platform_id == "1784014059999003"
    assert not any(one.hydrate for one in found.values()), "all of it is here but the name"
