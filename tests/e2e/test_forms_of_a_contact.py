"""HubSpot over HTTP: a known contact's second form reaches its lead, and ends with the contact."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from services.capture.door.door import submission_id_of
from tests.doubles.hubspot import HubSpot, contact
from tests.doubles.signing import Sent, signed
from tests.e2e.looking import lead_that
from tests.e2e.system import System, eventually
from tests.plugins.installation import Install

pytestmark = pytest.mark.parametrize("install", ["embedded"], indirect=True, scope="module")

SECRET, KEY = "hubspot-secret-test-012", "crm"
FIRST = 1795255200000
"""When the contact was created, in milliseconds."""
SECOND = FIRST + 90_000


@pytest.fixture(scope="module")
def api() -> Iterator[HubSpot]:
    made = HubSpot()
    yield made
    made.close()


@pytest.fixture(scope="module")
def system(install: Install, api: HubSpot) -> System:
    made = install()
    whole = yaml.safe_load(made.config.read_text("utf-8"))
    source = {"key": KEY, "kind": "hubspot", "secret": SECRET, "access_token": "token-1"}
    whole["sources"].append({**source, "api_url": api.url, "page": "nil.example/contact"})
    made.config.write_text(yaml.safe_dump(whole, allow_unicode=True), "utf-8")
    made.up()
    return made


def tell(system: System, *events: dict[str, Any]) -> None:
    """What HubSpot tells of the contact, in one call."""
    known = {"portalId": 1, "objectId": 987, "attemptNumber": 0, "changeSource": "FORM"}
    body = json.dumps([{**known, **event} for event in events]).encode()
    path = f"/v1/webhooks/hubspot/{KEY}"
    url = f"{str(system.capture.base_url).rstrip('/')}{path}"
    headers = signed("hubspot", Sent(body, SECRET, int(time.time()), url, {}))
    assert system.capture.post(path, content=body, headers=headers).status_code == 200


def answer(api: HubSpot, message: str) -> None:
    """What the CRM API says of the contact from now on."""
    whole = contact("987")
    whole["properties"]["message"] = message
    api.leads["987"] = json.dumps(whole).encode()


def standing(system: System, key: str, *states: str) -> dict[str, Any]:
    """The submission, once it is in one of the states."""
    path = f"/api/submissions/{submission_id_of('hubspot', KEY, key)}"

    def look() -> dict[str, Any] | None:
        found = system.desk.get(path)
        told: dict[str, Any] = found.json() if found.status_code == 200 else {}
        return told if told.get("state") in states else None

    return eventually(look, what=f"{key} {states}")


def test_a_second_form_is_a_touch_and_a_deletion_takes_both_back(
    system: System, api: HubSpot
) -> None:
    created = {"subscriptionType": "contact.creation", "eventId": 1, "occurredAt": FIRST}
    changed = {
        "subscriptionType": "contact.propertyChange",
        "propertyName": "recent_conversion_date",
        "eventId": 2,
        "occurredAt": SECOND,
    }
    answer(api, "first words")
    tell(system, created)
    first = standing(system, "1:987", "notified")
    answer(api, "second words")
    for _ in range(3):
        tell(system, changed)
    second = standing(system, f"1:987:{SECOND}", "notified", "duplicate")
    assert second["lead_id"] == first["lead_id"]
    shows = lead_that(system, first["lead_id"], lambda lead: "second words" in json.dumps(lead))
    assert shows
    tell(system, {"subscriptionType": "contact.deletion", "eventId": 3, "changeSource": "CRM_UI"})
    for key in ("1:987", f"1:987:{SECOND}"):
        standing(system, key, "erased")
    assert system.settled_books()["balanced"]
