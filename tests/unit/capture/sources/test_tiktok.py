"""TikTok and Snapchat: what proves a sender that is not known to sign."""

from __future__ import annotations

from services.capture.sources.arrival import Arrival
from services.capture.sources.snapchat import SNAPCHAT
from services.capture.sources.tiktok import TIKTOK
from tests.doubles.signing import Sent, signed
from tests.unit.capture.sources.samples import arrivals_in, body, expected, knock, source

SECRET = expected("tiktok")["secret"]
NOW = expected("tiktok")["clock"]
RAW = body("tiktok", "tiktok-lead.json")
OURS = source("tiktok", secret=[SECRET, "address-part-5b1e"])


def _lead(**headers: str) -> Arrival:
    (found,) = arrivals_in(TIKTOK.parse(knock(RAW, **headers), OURS))
    return found


def test_invariant_21_a_signature_that_is_there_has_to_be_right_whatever_the_address() -> None:
    made = signed("tiktok", Sent(RAW, SECRET, NOW, "", {}))["tiktok-signature"]
    good = knock(RAW, "address-part-5b1e", tiktok_signature=made)
    assert TIKTOK.prove(good, OURS, NOW)
    assert not TIKTOK.prove(good._replace(body=RAW + b" "), OURS, NOW)
    assert not TIKTOK.prove(good, OURS, NOW + 301)
    for wrong in ("", "t=,s=", "s=0", made.replace("s=", "v=")):
        assert not TIKTOK.prove(knock(RAW, "address-part-5b1e", tiktok_signature=wrong), OURS, NOW)


def test_without_a_signature_the_address_proves_and_the_lead_says_so() -> None:
    assert TIKTOK.prove(knock(RAW, "address-part-5b1e"), OURS, NOW)
    assert not TIKTOK.prove(knock(RAW, "address-part-5b1f"), OURS, NOW)
    assert not TIKTOK.prove(knock(RAW), OURS, NOW)
    assert _lead().extra["unverified"] is True
    assert "unverified" not in _lead(tiktok_signature="t=1,s=2").extra


def test_no_source_is_without_a_way_in_where_no_secret_is_set() -> None:
    assert TIKTOK.prove(knock(RAW, tiktok_signature="t=1,s=2"), source("tiktok"), NOW)
    assert SNAPCHAT.prove(knock(body("snapchat", "snap-lead.json")), source("snapchat"), NOW)
