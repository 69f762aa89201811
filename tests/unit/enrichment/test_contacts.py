"""Contacts as people really write them: remarks, extensions, several at once."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.events import LeadCaptured
from libs.common.normal.text import clean
from services.enrichment.draft import Draft
from services.enrichment.steps.email import address_in
from services.enrichment.steps.text import tidy
from tests.unit.enrichment.conftest import Normalised


def codes(draft: Draft) -> list[str]:
    return [note.code for note in draft.notes]


@pytest.mark.parametrize(
    ("typed", "phone", "extension"),
    [
        ("09127770052 داخلی 5", "+989127770052", "5"),
        ("02188776655 داخلی ۱۲", "+982188776655", "12"),
        ("02188776655، داخلي: ١٢", "+982188776655", "12"),
        ("021-88776655 (داخلی ۱۲)", "+982188776655", "12"),
        ("۰۲۱۸۸۷۷۶۶۵۵ د. ۱۲", "+982188776655", "12"),
        ("02188776655 داخلی ۱۲ (خانم علوی)", "+982188776655", "12"),
        ("شرکت 02188776655 x12", "+982188776655", "12"),
        ("09127770052 ext 5", "+989127770052", "5"),
        ("09127770052x5", "+989127770052", "5"),
        ("09127770054 (علی)", "+989127770054", None),
        ("09127770054 (2)", "+989127770054", None),
        ("0912 777 0054 همراه", "+989127770054", None),
        ("شماره من ۰۹۱۲۷۷۷۰۰۵۲ است", "+989127770052", None),
        ("موبایل: 09127770052", "+989127770052", None),
        ("شماره ۱: ۰۹۱۲ ۷۷۷ ۰۰۵۲", "+989127770052", None),
        ("ایران +98 912 777 0052 لطفا عصر", "+989127770052", None),
    ],
)
def test_a_remark_or_an_extension_leaves_a_phone_usable(
    normalised: Normalised, typed: str, phone: str, extension: str | None
) -> None:
    draft = normalised({"phone": typed})
    assert draft.contact.phone == phone
    assert draft.contact.phone_typed == typed
    assert draft.unusable == ()
    assert draft.verified.get("phone_extension") == extension
    assert ("phone_extension" in codes(draft)) is (extension is not None)
    assert "phone_others" not in codes(draft)


@pytest.mark.parametrize(
    "typed",
    [
        "0912 777 0052 / 0935 111 2233",
        "0912 777 0052 - 0935 111 2233",
        "موبایل 09127770052، ثابت 02188776655",
        "09127770052\n02188776655",
    ],
)
def test_of_two_phones_the_first_is_taken_and_the_other_noted(
    normalised: Normalised, typed: str
) -> None:
    draft = normalised({"phone": typed})
    assert draft.contact.phone == "+989127770052"
    assert "phone_others" in codes(draft)


@pytest.mark.parametrize("typed", ["ساعت 9 تا 17", "داخلی 5", "کارت 6037 9912 3456 7890 بانک"])
def test_digits_that_are_no_phone_stay_unusable(normalised: Normalised, typed: str) -> None:
    assert normalised({"phone": typed}).unusable == ("phone",)


@pytest.mark.parametrize(
    ("typed", "email", "others"),
    [
        ("u@EXAMPLE.com.", "u@example.com", False),
        ("u@example.com،", "u@example.com", False),
        ("a@example.com;b@example.com", "a@example.com", True),
        ("a@example.com, b@example.com", "a@example.com", True),
        ("a@example.com b@example.com", "a@example.com", True),
        ("a@example.com یا b@example.com", "a@example.com", True),
        ("a@b;b@example.com", "b@example.com", True),
        ("ایمیل من: u@example.com", "u@example.com", False),
    ],
)
def test_of_several_addresses_the_first_usable_one_is_taken(
    normalised: Normalised, typed: str, email: str, *, others: bool
) -> None:
    draft = normalised({"email": typed})
    assert draft.contact.email == email
    assert draft.contact.email_typed == typed
    assert draft.unusable == ()
    assert ("email_others" in codes(draft)) is others


_WRITTEN = st.text(max_size=40) | st.text(
    st.sampled_from("0123456789۰۹٠+()-/.;,،@ \n\u200cداخلیextx#علی\ud800\x00＋"), max_size=60
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(_WRITTEN, _WRITTEN)
def test_no_contact_raises(normalised: Normalised, phone: str, email: str) -> None:
    draft = normalised({"phone": phone, "email": email})
    for name in draft.unusable:
        assert getattr(draft.contact, name) is None


GOOD_PHONE = "+989123456789"


@pytest.mark.parametrize(
    ("given", "email"),
    [
        ({"EMAIL": "not-an-email", "WORK_EMAIL": "w6@firm.ir"}, "w6@firm.ir"),
        ({"EMAIL": "a@firm.ir", "WORK_EMAIL": "b@firm.ir"}, "a@firm.ir"),
        ({"EMAIL": "no", "WORK_EMAIL": "neither"}, None),
    ],
)
def test_of_several_addresses_in_fields_of_their_own_the_first_good_one_counts(
    normalised: Normalised, given: dict[str, str], email: str | None
) -> None:
    first, second = given
    extra = {second: given[second]}
    draft = normalised({"email": given[first]}, candidates={"email": given}, extra=extra)
    assert draft.contact.email == email
    assert draft.unusable == (() if email else ("email",))
    kept = {draft.contact.email_typed, *draft.contact.extra.values()}
    assert kept == set(given.values())


def test_of_several_phones_the_first_good_one_counts_and_is_not_the_proven_one(
    normalised: Normalised,
) -> None:
    given = {"PHONE_NUMBER_VERIFIED": "true", "PHONE_NUMBER": "0912 345 6789"}
    extra = {"PHONE_NUMBER": given["PHONE_NUMBER"]}
    draft = normalised(
        {"phone": "true"}, candidates={"phone": given}, extra=extra, proven=("phone",)
    )
    assert (draft.contact.phone, draft.unusable) == (GOOD_PHONE, ())
    assert draft.contact.extra == {"PHONE_NUMBER_VERIFIED": "true"}
    assert "phone_verified" not in draft.verified
    unlisted = {"tel": "0211234567", "mobile": "09123456789"}
    draft = normalised({"phone": unlisted["tel"]}, candidates={"phone": unlisted})
    assert draft.contact.phone == GOOD_PHONE


def test_what_was_put_into_its_place_leaves_room_for_a_good_one(normalised: Normalised) -> None:
    given = {"tel": "a@firm.ir", "mobile": "09123456789"}
    draft = normalised({"phone": given["tel"]}, candidates={"phone": given})
    assert (draft.contact.phone, draft.contact.email) == (GOOD_PHONE, "a@firm.ir")


@pytest.mark.parametrize(
    "local", ["nilufar", "n.a+b_c-1", "info", "a" * 64, "a" * 65, "a..b", "a."]
)
@pytest.mark.parametrize(
    "domain",
    ["gmail.com", "xn--mgba3a4f16a.ir", "a.test", "localhost", "a..b", "-a.com", "1.2.3.4"],
)
def test_an_ordinary_address_reads_as_by_a_closer_look(local: str, domain: str) -> None:
    typed = f"{local}@{domain}"
    assert address_in(typed) == address_in(f"<{typed}>")


@given(st.dictionaries(st.text(max_size=6), st.text(max_size=12), max_size=4), st.text(max_size=9))
def test_one_look_at_clean_text_is_a_look_at_each_of_it(extra: dict[str, str], name: str) -> None:
    moment = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    given_so = LeadCaptured("s", "form", "contact", "site", moment, "d", b"raw")
    tidied, written = tidy(
        msgspec.structs.replace(given_so, fields={"name": name}, extra=dict(extra))
    )
    assert tidied.fields == {"name": clean(name)}
    assert tidied.extra == {clean(key): clean(value) for key, value in extra.items()}
    assert tidied.raw == b""
    assert written == msgspec.json.encode(tidied).decode()
