"""The signed post, against the official library and the specification's own vector."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from services.routing.channels.retry_after import retry_after
from services.routing.channels.webhook import key, signed

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_the_vector_of_the_specification() -> None:
    content = '{"type":"lead.created","timestamp":"2026-11-21T10:00:00Z","data":{"name":"نیلوفر"}}'
    secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
    then = datetime.fromtimestamp(1795255200, UTC)
    headers = signed("msg_2yLeadCapture0001", then, content.encode(), secret)
    assert headers["webhook-signature"] == "v1,5iG+eE0eo5OESJ44vpbOhOwmo+KX20tI+zxOvHQpv9U="


@settings(deadline=None)
@given(secret=st.binary(min_size=1, max_size=80), content=st.text(st.characters(codec="utf-8")))
def test_the_official_library_accepts_every_signature(secret: bytes, content: str) -> None:
    written = "whsec_" + base64.b64encode(secret).decode().rstrip("=")
    headers = signed("id-1", datetime.now(UTC), content.encode(), written)
    Webhook(secret).verify(content, headers, json_parse=False)


def test_a_secret_without_prefix_is_its_own_bytes() -> None:
    assert key("plain") == b"plain"
    assert key("whsec_no base64!") == b"whsec_no base64!"
    assert "webhook-signature" not in signed("id", NOW, b"", None)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("0", 0.0),
        ("-5", 0.0),
        ("Sun, 22 Nov 2026 09:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 08:00:00 GMT", 0.0),
        ("9" * 400, float("inf")),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_both_forms_of_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


@settings(deadline=None)
@given(st.text())
def test_no_retry_after_raises(header: str) -> None:
    found = retry_after(header, NOW + timedelta(days=1))
    assert found is None or found >= 0
