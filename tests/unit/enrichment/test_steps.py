from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from libs.common.normal.agent import is_crawler
from services.enrichment.draft import Draft
from services.enrichment.verdict import judge
from tests.unit.enrichment.conftest import Normalised


def codes(draft: Draft) -> list[str]:
    return [note.code for note in draft.notes]


@pytest.mark.parametrize(
    "typed",
    [
        "09123456789",
        "9123456789",
        "989123456789",
        "00989123456789",
        "+98 912 345 6789",
        "+98 0912 345 6789",
        "۰۹۱۲۳۴۵۶۷۸۹",
        "٠٩١٢٣٤٥٦٧٨٩",
        "(0912) 345-6789",
        "\u202a+98 912 345 6789\u202c",
        "۰۹۱۲\u200c۳۴۵\u200f۶۷۸۹",
        "0912 345 6789 / 0935 111 2233",
        "tel:+989123456789",
    ],
)
def test_every_spelling_of_a_phone_is_one_key(normalised: Normalised, typed: str) -> None:
    draft = normalised({"phone": typed})
    assert draft.contact.phone == "+989123456789"
    assert draft.contact.phone_type == "mobile"
    assert draft.verified["phone_valid"] is True


def test_what_was_typed_stays_beside_the_number(normalised: Normalised) -> None:
    draft = normalised({"phone": " ۰۹۱۲ ۳۴۵ ۶۷۸۹ "})
    assert draft.contact.phone_typed == "۰۹۱۲ ۳۴۵ ۶۷۸۹"
    assert "phone_normalised" in codes(draft)
    assert codes(normalised({"phone": "+989123456789"})) == []


@pytest.mark.parametrize(
    "typed", ["123", "0912", "0912345678", "091234567890", "88776655", "abc", "+98", "1" * 300]
)
def test_a_phone_that_reaches_nobody_is_unusable(normalised: Normalised, typed: str) -> None:
    draft = normalised({"phone": typed})
    assert draft.contact.phone is None
    assert draft.contact.phone_typed == typed
    assert draft.unusable == ("phone",)
    assert judge(draft, released=False) == ("quarantined", "unusable_contact")


def test_a_number_of_no_known_range_goes_on_with_a_note(normalised: Normalised) -> None:
    draft = normalised({"phone": "09411234567"})
    assert draft.contact.phone == "+989411234567"
    assert draft.verified["phone_valid"] is False
    assert "phone_uncertain" in codes(draft)


@pytest.mark.parametrize(
    ("typed", "form", "browser", "phone"),
    [
        ("0912 345 6789", None, "de-DE", "+989123456789"),
        ("030 901820", "DE", "fa-IR", "+4930901820"),
        ("0501234567", None, "ar-AE,ar;q=0.9", "+971501234567"),
        ("971501234567", None, None, "+971501234567"),
        ("02188776655", "XX", None, "+982188776655"),
    ],
)
def test_the_form_then_the_firm_then_the_visitor_says_the_country(
    normalised: Normalised, typed: str, form: str | None, browser: str | None, phone: str
) -> None:
    assert normalised({"phone": typed}, region=form, language=browser).contact.phone == phone


@pytest.mark.parametrize(
    ("typed", "email"),
    [
        (" Ali.R+promo@GMAIL.com ", "Ali.R+promo@gmail.com"),
        ("علی@نمونه.com", "علی@xn--mgbw8cq5b.com"),
        ("Ali <ali@mail.example>", "ali@mail.example"),
        ("mailto:a@x.test", "a@x.test"),
    ],
)
def test_an_address_keeps_its_local_part(normalised: Normalised, typed: str, email: str) -> None:
    draft = normalised({"email": typed})
    assert draft.contact.email is not None
    local, _, domain = draft.contact.email.partition("@")
    assert local == email.partition("@")[0]
    assert domain.isascii()
    if not domain.startswith("xn--"):
        assert domain == email.partition("@")[2]
    assert draft.contact.email_typed == typed.strip()


@pytest.mark.parametrize("typed", ["nobody", "a@b", "a@localhost", "a..b@x.com", "@x.com"])
def test_an_impossible_address_is_unusable(normalised: Normalised, typed: str) -> None:
    draft = normalised({"email": typed})
    assert draft.contact.email is None
    assert draft.unusable == ("email",)


@pytest.mark.parametrize(
    ("email", "free", "disposable"),
    [
        ("a@gmail.com", True, False),
        ("a@chmail.ir", True, False),
        ("a@mailinator.com", False, True),
        ("a@sub.mailinator.com", False, True),
        ("a@nil.example", False, False),
    ],
)
def test_what_kind_of_address_it_is(
    normalised: Normalised, email: str, *, free: bool, disposable: bool
) -> None:
    facts = normalised({"email": email}).verified
    assert (facts["email_free"], facts["email_disposable"]) == (free, disposable)


def test_contacts_in_each_others_place_are_put_right(normalised: Normalised) -> None:
    assert normalised({"phone": "a@mail.example"}).contact.email == "a@mail.example"
    assert normalised({"email": "۰۹۱۲۳۴۵۶۷۸۹"}).contact.phone == "+989123456789"
    both = normalised({"phone": "a@mail.example", "email": "b@mail.example"})
    assert both.contact.email == "b@mail.example"
    assert both.unusable == ("phone",)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"name": "  علی   کریمی "}, "علی کریمی"),
        ({"first_name": "Sara", "last_name": "Ahmadi"}, "Sara Ahmadi"),
        ({"last_name": "Ahmadi"}, "Ahmadi"),
        ({"name": "Sara Ahmadi", "last_name": "ahmadi"}, "Sara Ahmadi"),
        ({"name": "  "}, None),
    ],
)
def test_one_name(normalised: Normalised, fields: dict[str, str], name: str | None) -> None:
    assert normalised(fields).contact.name == name


@pytest.mark.parametrize(
    ("fields", "browser", "language"),
    [
        ({"language": "fa-IR"}, "en", "fa"),
        ({"language": "انگلیسی", "message": "سلام"}, None, "en"),
        ({"message": "سلام، قیمت سئو چند است؟"}, "en-US,en;q=0.9", "fa"),
        ({"message": "مرحبا"}, "ar-AE", "ar"),
        ({"message": "گل"}, "ar-AE", "fa"),
        ({"name": "Sara"}, "fa-IR,en;q=0.5", "fa"),
        ({"message": "How much is it?"}, None, "en"),
        ({"name": "Sara"}, None, None),
        ({"language": "?!", "name": "Sara"}, "*", None),
    ],
)
def test_the_language_to_call_back_in(
    normalised: Normalised, fields: dict[str, str], browser: str | None, language: str | None
) -> None:
    assert normalised(fields, language=browser).contact.language == language


def test_the_page_of_origin_is_in_one_form(normalised: Normalised) -> None:
    draft = normalised({}, page="https://www.Nil.example/%D8%B3%D8%A6%D9%88/?utm_source=a#x")
    assert draft.attribution.page == "nil.example/سئو"
    assert (
        draft.attribution.page_url == "https://www.Nil.example/%D8%B3%D8%A6%D9%88/?utm_source=a#x"
    )
    bad = normalised({}, page="javascript:alert(1)")
    assert bad.attribution.page is None
    assert codes(bad) == ["page_unreadable"]


@pytest.mark.parametrize(
    ("agent", "robot"),
    [
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
        ("Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)", True),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari", False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0) Mobile/15E148 Instagram 300.0.0.0", False),
        ("Mozilla/5.0 (Linux; Android 13; wv) [FB_IAB/FB4A;FBAV/440.0.0.0;]", False),
        ("Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/130.0.0.0 Safari/537.36", False),
        ("curl/8.5.0", False),
        ("python-httpx/0.28.1", False),
        ("WordPress/6.6; https://nil.example", False),
    ],
)
def test_only_what_crawls_on_its_own_account_is_a_robot(agent: str, *, robot: bool) -> None:
    assert is_crawler(agent) is robot


def test_signs_hold_it_and_are_named(normalised: Normalised) -> None:
    draft = normalised(
        {"phone": "09123456789"}, signs=("honeypot", "too_fast"), agent="Googlebot/2.1"
    )
    assert draft.verified["signs"] == ["honeypot", "too_fast", "crawler"]
    assert judge(draft, released=False) == ("quarantined", "suspected_bot")
    assert judge(draft, released=True) == ("enriched", None)
    (note,) = (note for note in draft.notes if note.code == "bot_signs")
    assert "فیلد پنهان" in note.text.fa
    assert "hidden field" in note.text.en


def test_who_posts_from_a_busy_network_is_not_called_a_bot(normalised: Normalised) -> None:
    draft = normalised({"phone": "09123456789"}, signs=("rate",))
    assert judge(draft, released=False) == ("quarantined", "too_many_posts")
    (note,) = (note for note in draft.notes if note.code == "too_many_posts")
    assert note.text.en == "Many came from one network."
    both = normalised({"phone": "09123456789"}, signs=("rate", "honeypot"))
    assert judge(both, released=False) == ("quarantined", "suspected_bot")


def test_a_robots_name_on_a_webhook_is_no_sign(normalised: Normalised) -> None:
    draft = normalised({"phone": "09123456789"}, agent="Googlebot/2.1", kind="webhook")
    assert judge(draft, released=False).outcome == "enriched"


def test_a_handle_reaches_somebody(normalised: Normalised) -> None:
    draft = normalised({"handle": "@sara"}, kind="chat", source_kind="telegram")
    assert draft.contact.handle == "sara"
    assert judge(draft, released=False).outcome == "enriched"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from(["phone", "email", "name", "message", "language", "handle", "x"]),
        st.text() | st.text(alphabet="0123456789۰۱+-() @./"),
    ),
    language=st.none() | st.text(alphabet="enfaIR-_,;q=.0159* "),
    page=st.none() | st.text(),
)
def test_no_input_is_an_error(
    normalised: Normalised, fields: dict[str, str], language: str | None, page: str | None
) -> None:
    draft = normalised(fields, language=language, page=page)
    assert judge(draft, released=False).outcome in ("enriched", "quarantined", "activity")
