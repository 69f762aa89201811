"""How a call ended is told to whoever has to call back; of several the last one counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest

from libs.common.calls import ANSWERED, CALLED, ENDED, MISSED, VOICEMAIL, called
from libs.common.events import Contact, LeadCaptured, Touch
from services.capture.sources import Knock
from services.capture.sources.twilio import parse_call
from services.desk.reading import arrival
from services.enrichment.fold import contact_of, merge, profile_of
from services.routing.channels.wording import facts
from tests.unit.capture.sources.samples import source
from tests.unit.routing.messages.samples import a_message

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def test_each_end_has_its_words() -> None:
    assert set(CALLED) == {MISSED, ANSWERED, VOICEMAIL, ENDED}
    assert all(text.fa and text.en for text in CALLED.values())
    assert [called({"call": how}) for how in ("yes", ["missed"], None)] == [None] * 3


@pytest.mark.parametrize(
    ("language", "said"),
    [("fa", "تماس گرفت و کسی پاسخ نداد"), ("en", "Called, and nobody answered")],
)
def test_who_is_told_of_a_lead_hears_that_nobody_answered(language: str, said: str) -> None:
    contact = Contact(phone="+989121234567", extra={"call": MISSED})
    assert facts(a_message(contact=contact, language=language)).want == said
    wrote = Contact(phone="+989121234567", message="سلام", extra={"call": MISSED})
    assert facts(a_message(contact=wrote, language=language)).want == f"{said}\nسلام"


@pytest.mark.parametrize("turned", ["as they were made", "turned"])
def test_of_several_calls_the_last_counts_in_any_order(turned: str) -> None:
    calls = [
        profile_of(
            Contact(phone="+989121234567", extra={"call": how, "duration": place}),
            Touch(str(place), "call", "phone", AT + timedelta(minutes=place)),
        )
        for place, how in enumerate((MISSED, ANSWERED))
    ]
    one, other = reversed(calls) if turned == "turned" else calls
    assert contact_of(merge(one, other)).extra["call"] == ANSWERED


def test_a_report_of_the_whole_call_does_not_hide_that_nobody_answered() -> None:
    asked = {"CallSid": "CA1", "Direction": "inbound", "From": "+989121234567"}
    missed = {**asked, "CallStatus": "in-progress", "DialCallStatus": "no-answer"}
    over = {
        **asked, "CallStatus": "completed", "CallDuration": "25", "SequenceNumber": "0",
        "Timestamp": "Sat, 21 Nov 2026 10:00:01 +0000",
    }  # fmt: skip
    profiles = []
    for values, received in ((missed, AT), (over, AT + timedelta(seconds=2))):
        knock = Knock("POST", "/", b"", {}, urlencode(values).encode(), "")
        (found,) = parse_call(knock, source("twilio", secret="s"))
        touch = Touch("s", "call", "phone", found.occurred_at or received)
        contact = Contact(phone=found.fields["phone"], extra=dict(found.extra))
        profiles.append(profile_of(contact, touch))
    one, other = profiles
    for both in (merge(one, other), merge(other, one)):
        extra = contact_of(both).extra
        assert (extra["call"], extra["duration"]) == (MISSED, "25")


def test_the_story_of_a_lead_begins_with_how_the_call_ended() -> None:
    call = LeadCaptured(
        submission_id="s", kind="call", source="phone", source_kind="twilio", received_at=AT,
        digest="d", raw=b"", extra={"call": MISSED},
    )  # fmt: skip
    (line,) = arrival.told(call, {}, AT)
    assert line.text.en == "Called, and nobody answered (phone)"
    assert line.text.fa == "تماس گرفت و کسی پاسخ نداد (phone)"
