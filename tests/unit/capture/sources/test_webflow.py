"""Webflow's two proofs: a signature with its time, or the secret in the path."""

from __future__ import annotations

import json

import pytest

from services.capture.sources.webflow import parse_form, prove
from tests.doubles.signing import Sent, signed
from tests.unit.capture.sources.samples import arrivals_in, expected, knock, source

SECRET = expected("webflow")["secret"]
NOW = 1795255200
BODY = json.dumps({"payload": {"id": "6a", "data": {"Email": "a@nil.example"}}}).encode()
CALL = knock(BODY)._replace(
    headers={
        n.encode(): t.encode()
        for n, t in signed("webflow", Sent(BODY, SECRET, NOW, "", {})).items()
    }
)
SOURCE = source("webflow", secret=SECRET)


def test_invariant_21_a_changed_body_or_time_is_not_proven_by_the_signature() -> None:
    assert prove(CALL, SOURCE, NOW)
    assert not prove(CALL._replace(body=BODY + b" "), SOURCE, NOW)
    later = {**CALL.headers, b"x-webflow-timestamp": str((NOW + 1) * 1000).encode()}
    assert not prove(CALL._replace(headers=later), SOURCE, NOW)
    assert not prove(CALL, SOURCE, NOW + 301)


@pytest.mark.parametrize(("tail", "is_proven"), [(SECRET, True), ("other", False), ("", False)])
def test_what_the_dashboard_made_proves_itself_by_the_path(tail: str, *, is_proven: bool) -> None:
    assert prove(knock(BODY, tail), SOURCE, NOW) is is_proven


def test_the_older_shape_without_a_trigger_is_read_too() -> None:
    (found,) = arrivals_in(parse_form(CALL, SOURCE))
    assert (found.key, found.fields) == ("6a", {"email": "a@nil.example"})
