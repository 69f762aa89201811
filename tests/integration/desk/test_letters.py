"""Dead letters at the desk: what one says of its submission, and what sending it again does."""

from __future__ import annotations

import msgspec
import pytest

from libs.common.events import Activity, Event
from tests.integration.desk.conftest import Desk
from tests.integration.desk.journey import NOW, Journey, new


async def test_a_replay_sends_the_original_bytes_in_the_next_round(desk: Desk) -> None:
    way = Journey()
    await desk.feed(way.captured(), way.enriched(), way.died(turn=2))
    (item,) = (await desk.get("/api/dead-letters"))["items"]
    assert (item["stage"], item["reason"], item["round"]) == ("scoring", "bug", 2)
    one = await desk.get(f"/api/dead-letters/{item['id']}")
    assert one["value"] == "AP8gb3JpZ2luYWw="
    path = f"/api/dead-letters/{item['id']}/replay"
    answer = await desk.api.post(path)
    assert (answer.status_code, answer.json()["state"]) == (202, "replayed")
    (record,) = desk.tape.records
    assert (record.topic, record.key) == ("leads.enriched.v1", way.person)
    assert record.value == b"\x00\xff original"
    headers = dict(record.headers)
    assert headers["ce_round"] == b"3"
    assert headers["ce_id"] == dict(one["headers"])["ce_id"].encode()
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "enriched"
    assert (await desk.get("/api/dead-letters"))["items"] == []
    assert (await desk.api.post(path)).status_code == 409
    await desk.feed(way.died(turn=3))
    assert (await desk.get("/api/dead-letters"))["items"][0]["round"] == 3
    assert (await desk.get(f"/api/submissions/{way.submission}"))["state"] == "dead"


def died_in(way: Journey, stage: str, kind: str, turn: int) -> tuple[Activity, Event]:
    """An activity about the submission, and its letter."""
    said = Activity(new(), kind, NOW, person_id=way.person, submission_id=way.submission)
    value = msgspec.json.encode(said)
    return said, way.died(stage, "leads.activity.v1", turn=turn, value=value)


@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        ("enrichment", "submission.anew"),
        ("scoring", "submission.resent"),
        ("routing", "submission.resent"),
        ("scoring", "staff.released"),
    ],
)
async def test_rule_08_what_died_beside_a_submission_leaves_it_where_it_stands(
    desk: Desk, stage: str, kind: str, turn: int
) -> None:
    """Nobody answers it with how the submission stands: of another round none would ever say."""
    way = Journey()
    said, letter = died_in(way, stage, kind, turn)
    await desk.feed(*way.whole(), letter)
    path = f"/api/submissions/{way.submission}"
    assert (await desk.get(path))["state"] == "notified"
    (item,) = (await desk.get("/api/dead-letters"))["items"]
    assert (await desk.api.post(f"/api/dead-letters/{item['id']}/replay")).status_code == 202
    await desk.feed(way.event(said, 2, round=turn + 1))
    assert (await desk.get(path))["state"] == "notified"
    assert (await desk.get("/api/dead-letters"))["items"] == []


async def test_a_decision_that_died_holds_its_submission_until_it_is_sent_again(desk: Desk) -> None:
    way = Journey()
    _said, letter = died_in(way, "enrichment", "staff.released", 1)
    await desk.feed(way.captured(), way.enriched("quarantined"), letter)
    path = f"/api/submissions/{way.submission}"
    assert (await desk.get(path))["state"] == "dead"
    (item,) = (await desk.get("/api/dead-letters"))["items"]
    await desk.api.post(f"/api/dead-letters/{item['id']}/replay")
    assert (await desk.get(path))["state"] == "received"
