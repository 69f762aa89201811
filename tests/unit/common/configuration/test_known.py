"""The names by which the file is checked are the names that the services understand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from libs.common.configuration import known
from libs.common.events import Activity, Attribution, Contact, SubmissionEnriched, Touch
from libs.common.normal.names import COMMON
from services.desk.words import STAGES, TEMPERATURES
from services.routing.choosing.route import facts_of
from services.scoring.fact import of_activity, of_submission
from services.scoring.story import story
from tests.unit.routing.samples import a_case

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SAID = {"consent": {"x": True}, "extra": {"شهر": "تهران", "بودجه": "1"}}


def filled(struct: type[msgspec.Struct], **given: Any) -> Any:
    """The struct with something in every field."""
    return struct(**{name: given.get(name, name) for name in struct.__struct_fields__})


def names(fields: dict[str, Any], root: str) -> set[str]:
    """The fields below a root, but for those below which any name may stand."""
    return {n for n in fields[root] if f"{root}.{n}." not in known.OPEN or n == "consent"}


def test_our_fields_are_those_that_capture_maps_to() -> None:
    assert set(COMMON) == known.FIELDS


def test_conditions_are_those_that_routing_knows() -> None:
    assert set(facts_of(a_case().lead)) == known.CONDITIONS


def test_stages_and_temperatures_are_those_that_people_see() -> None:
    assert (tuple(STAGES), tuple(TEMPERATURES)) == (known.STAGES, known.TEMPERATURES)


def test_scored_fields_are_those_of_facts() -> None:
    parts = {name: {"x": "y"} for name in ("utm", "click_ids", "ad")}
    touch = Touch("s", "form", "contact", NOW, filled(Attribution, **parts), NOW, "cold")
    said = SubmissionEnriched("s", "enriched", touch, filled(Contact, **SAID), verified={"x": 1})
    done = Activity(
        "a", "page_view", NOW, person_id="p", lead_id="l", page="nil.example", data={"x": 1}
    )
    facts = [fact for fact in (of_submission(said), of_activity(done)) if fact]
    found: dict[str, Any] = {}
    for one in story(facts):
        found |= one.fields
    assert set(found) == {*known.SCORED, "verified"}
    assert {root: names(found, root) for root in known.SCORED} == known.SCORED
