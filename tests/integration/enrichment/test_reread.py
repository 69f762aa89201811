"""What was held because nobody had said which field is which is read again when it is released."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from libs.common.configuration import Configurations
from libs.common.database import Database
from services.enrichment.stage import EnrichmentStage
from tests.integration.enrichment.conftest import Captured, Service, decided

BODY = '{"answers": {"q1": "نیلوفر", "q7": "۰۹۱۲۳۴۵۶۷۸۹", "q9": "09120000000"}}'.encode()
MAPPING = "fields: {name: answers.q1, phone: answers.q7}"
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
FILE = """
teams: [{{key: reception, name: reception, specialists: [{{key: mina, name: Mina}}]}}]
routing: {{fallback: reception}}
sources: [{{key: shop, kind: {kind}, secret: {secret}{rest}}}]
"""


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Any:
    """The service, and how its one source is configured from now on."""
    file = tmp_path / "sarnakh.yaml"
    service = Service(database)

    def configure(kind: str, fields: str = "") -> Service:
        rest = f", {fields}" if fields else ""
        file.write_text(FILE.format(kind=kind, secret=SECRET, rest=rest), encoding="utf-8")
        service.stage = EnrichmentStage(Configurations(file, database, {}))
        return service

    return configure


def given(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "webhook",
        "source": "shop",
        "source_kind": kind,
        "held": "unexpected_shape",
        "content_type": "application/json",
        "submission_id": str(uuid.uuid4()),
        "body": BODY,
        **more,
    }


@pytest.mark.parametrize("kind", ["json", "standard", "cloudevents", "elementor"])
async def test_a_released_delivery_is_read_by_the_mapping_of_now(
    shop: Any, captured: Captured, kind: str
) -> None:
    held = captured(**given(kind))
    submission = held.key
    (before,) = await shop(kind).enriched(held)
    assert (before.outcome, before.contact.phone) == ("quarantined", None)
    mapping = MAPPING.replace("answers", "data.answers") if kind == "cloudevents" else MAPPING
    (found,) = await shop(kind, mapping).enriched(decided("released", submission, 1))
    assert (found.outcome, found.contact.name) == ("enriched", "نیلوفر")
    assert (found.contact.phone, found.contact.phone_typed) == ("+989123456789", "۰۹۱۲۳۴۵۶۷۸۹")
    assert "read_again" in [note.code for note in found.notes]
    (row,) = await shop(kind, MAPPING).rows(
        "SELECT captured -> 'fields' ->> 'phone' AS phone FROM enrichment.submissions"
    )
    assert row.phone == "۰۹۱۲۳۴۵۶۷۸۹"


@pytest.mark.parametrize(
    ("body", "fields"),
    [(b"\x00no json", MAPPING), (BODY, ""), (b"[]", MAPPING), (BODY, "fields: {phone: gone}")],
)
async def test_what_the_mapping_finds_nothing_in_stays_as_it_was_read(
    shop: Any, captured: Captured, body: bytes, fields: str
) -> None:
    held = captured({"phone": "09125554433"}, **given("json", body=body))
    await shop("json").enriched(held)
    (found,) = await shop("json", fields).enriched(decided("released", held.key, 1))
    assert (found.outcome, found.contact.phone) == ("enriched", "+989125554433")


async def test_what_a_form_has_sent_is_not_read_by_a_source_of_the_same_name(
    shop: Any, captured: Captured
) -> None:
    held = captured({"phone": "09125554433"}, **given("form"))
    await shop("json").enriched(held)
    (found,) = await shop("json", MAPPING).enriched(decided("released", held.key, 1))
    assert found.contact.phone == "+989125554433"
