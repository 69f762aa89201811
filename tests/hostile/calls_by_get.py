"""A platform that calls by GET: contact data in a URL, where much else in the world logs it."""

from __future__ import annotations

from urllib.parse import urlencode

from twilio.request_validator import (  # type: ignore[import-untyped]  # it brings no types
    RequestValidator,
)

from tests.hostile.stage_of_canaries import Stage


def call_by_get(stage: Stage) -> None:
    """Calls that are understood, that are odd, and that are not proven."""
    capture, canaries = stage.system.capture, stage.canaries
    validator = RequestValidator(stage.given["twilio"])
    for told in ({"CallSid": "CA1", "CallStatus": "busy"}, {}):
        asked = urlencode({"From": canaries.phone, "Note": canaries.message, **told})
        path = f"/v1/webhooks/twilio/phone?{asked}"
        url = str(capture.base_url).rstrip("/") + path
        for proof, status in ((validator.compute_signature(url, {}), 200), ("AAAA", 401)):
            answer = capture.get(path, headers={"X-Twilio-Signature": proof})
            assert answer.status_code == status
