"""Boxes of consent are known by their usual names, Persian and English."""

from __future__ import annotations

import pytest

from services.capture.reading.consent import consented, is_consent


@pytest.mark.parametrize(
    "name",
    [
        "consent", "Consent", "consent_marketing", "consentGiven", "marketing_consent", "gdpr",
        "gdpr-checkbox", "GDPRConsent", "acceptance-957", "opt-in", "opt_in", "optin", "agree",
        "agree_terms", "I consent to be called", "رضایت", "رضايت", "رضایت‌نامه", "رضایت نامه",
        "رضایت دارم با من تماس بگیرید", "موافقم با قوانین", "با قوانین سایت موافقم",
        "شرایط را می‌پذیرم",
    ],
)  # fmt: skip
def test_a_box_of_consent_is_known(name: str) -> None:
    assert is_consent(name)
    assert consented({name: "no", "phone": "1"})[1] == {"phone": "1"}


@pytest.mark.parametrize(
    "name",
    [
        "", "_", "phone", "agreement_number", "میزان رضایت", "رضایت از خدمات ما",
        "رضایت شما از سایت", "message", "accept", "نظر", "x" * 300, "option",
    ],
)  # fmt: skip
def test_what_is_none_stays_a_field(name: str) -> None:
    assert not is_consent(name)
    assert consented({name: "yes"}) == (None, {name: "yes"})


def test_what_was_said_is_kept_as_it_was() -> None:
    assert consented({"consent": "no", "name": "x"}) == ("no", {"name": "x"})
    assert consented({"رضایت": "خیر"}) == ({"رضایت": "خیر"}, {})
    two = {"consent": True, "consent_sms": False}
    assert consented(two) == (two, {})
