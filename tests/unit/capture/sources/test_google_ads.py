"""Google's lead forms: the key proves, is never kept, and columns are told by their ids."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.capture.sources.google_ads import GOOGLE_ADS, blanked, parse_lead, prove
from tests.unit.capture.sources.samples import body, expected, knock, source, told

EXPECTED = expected("google-ads")
KEY = EXPECTED["secret"]
SOURCE = source("google-ads", secret=KEY)


@pytest.mark.parametrize("case", EXPECTED["deliveries"], ids=lambda case: case["file"])
def test_each_sample_becomes_what_was_written_down(case: dict[str, Any]) -> None:
    call = knock(body("google-ads", case["file"]))
    assert prove(call, SOURCE, 0) == (case["status"] == 200)
    if case["arrivals"]:
        found = parse_lead(call, SOURCE)
        assert [told(a, a.attribution, *case["arrivals"][0]) for a in found] == case["arrivals"]
        assert all(KEY.encode() not in (a.raw or b"") + a.content for a in found)
    assert json.loads(GOOGLE_ADS.answer.body) == {}


def lead(**more: Any) -> bytes:
    return json.dumps({"lead_id": "1", "google_key": KEY, "user_column_data": [], **more}).encode()


@pytest.mark.parametrize(
    "raw",
    [
        lead(),
        lead().replace(b"google_key", b"google\\u005fkey"),
        lead().replace(b'"google_key": ', b'"google_key"\n :'),
        lead().replace(KEY.encode(), KEY.replace("-", "\\u002d").encode()),
        lead()[:-1] + b', "google_key": "' + KEY.encode() + b'"}',
        lead(lead_id=[1]),
        lead(user_column_data={}),
    ],
)
def test_the_key_is_nowhere_in_what_is_kept(raw: bytes) -> None:
    assert prove(knock(raw), SOURCE, 0)
    (found,) = parse_lead(knock(raw), SOURCE)
    for kept in (found.raw or b"", found.content, json.dumps(dict(found.extra)).encode()):
        assert KEY.encode() not in kept
        assert KEY.replace("-", "\\u002d").encode() not in kept
    assert found.raw == blanked(raw)


def test_the_rest_of_the_body_stays_byte_by_byte() -> None:
    raw = body("google-ads", "google-lead-form.json")
    assert blanked(raw) == raw.replace(f'"{KEY}"'.encode(), b'"***"')


def test_a_rotated_key_changes_nothing_of_the_lead() -> None:
    both = source("google-ads", secret=["other", KEY])
    one, other = lead(), lead(google_key="other")
    assert prove(knock(one), both, 0)
    assert prove(knock(other), both, 0)
    assert parse_lead(knock(one), both)[0].content == parse_lead(knock(other), both)[0].content


@pytest.mark.parametrize("key", ["", "wrong", None, 5, ["x"], KEY + " "])
def test_another_key_proves_nothing_but_the_address_may(key: Any) -> None:
    raw = lead(google_key=key)
    assert not prove(knock(raw), SOURCE, 0)
    assert not prove(knock(raw, tail="guess"), SOURCE, 0)
    by_address = knock(raw, tail=KEY)
    assert prove(by_address, SOURCE, 0)
    assert parse_lead(by_address, SOURCE)[0].held == "unknown_key"
    assert prove(knock(raw, x_lead_token=KEY), SOURCE, 0)


def test_ids_of_both_spellings_are_text_and_the_verified_phone_is_proven() -> None:
    columns = [
        {"column_id": "PHONE_NUMBER", "string_value": "1"},
        {"column_id": "PHONE_NUMBER_VERIFIED", "string_value": "+989121112233"},
        {"column_id": "WORK_EMAIL", "string_value": "w@b.example"}, {"column_id": 5}, "junk",
        {"column_id": "EMPTY", "string_value": ""},
    ]  # fmt: skip
    raw = lead(user_column_data=columns, form_id="9007199254740993", campaign_id=9007199254740993)
    (found,) = parse_lead(knock(raw), SOURCE)
    assert found.fields == {"phone": "+989121112233", "email": "w@b.example"}
    assert found.proven == ("phone",)
    assert found.extra == {"PHONE_NUMBER": "1"}
    both = {"PHONE_NUMBER_VERIFIED": "+989121112233", "PHONE_NUMBER": "1"}
    assert found.candidates == {"phone": both}
    assert found.attribution.ad == {
        "campaign_id": "9007199254740993", "form_id": "9007199254740993"
    }  # fmt: skip


def test_a_mapping_of_the_configuration_comes_first() -> None:
    mapped = source("google-ads", secret=KEY, fields={"phone": "mobile?"})
    columns = [{"column_id": name, "string_value": name} for name in ("PHONE_NUMBER", "mobile?")]
    (found,) = parse_lead(knock(lead(user_column_data=columns)), mapped)
    assert (found.fields, found.extra) == ({"phone": "mobile?"}, {"PHONE_NUMBER": "PHONE_NUMBER"})


def test_a_common_column_may_be_mapped_to_another_of_ours() -> None:
    mapped = source("google-ads", secret=KEY, fields={"message": "COMPANY_NAME"})
    columns = [{"column_id": "COMPANY_NAME", "string_value": "Nil"}]
    (found,) = parse_lead(knock(lead(user_column_data=columns)), mapped)
    assert (found.fields, found.extra) == ({"message": "Nil"}, {})


def test_where_the_mapped_column_is_empty_the_common_one_counts() -> None:
    mapped = source("google-ads", secret=KEY, fields={"phone": "direct_line"})
    columns = [
        {"column_id": "direct_line", "string_value": ""},
        {"column_id": "PHONE_NUMBER", "string_value": "+989121112233"},
    ]
    (found,) = parse_lead(knock(lead(user_column_data=columns)), mapped)
    assert (found.fields, found.extra) == ({"phone": "+989121112233"}, {})
    columns[0]["string_value"] = "+982188881111"
    (found,) = parse_lead(knock(lead(user_column_data=columns)), mapped)
    assert found.fields == {"phone": "+982188881111"}
    assert found.extra == {"PHONE_NUMBER": "+989121112233"}


@pytest.mark.parametrize("said", [True, "true", "True", 1, "1"])
def test_a_test_is_one_however_it_is_said(said: Any) -> None:
    assert parse_lead(knock(lead(is_test=said)), SOURCE)[0].test
    others: tuple[Any, ...] = (False, "false", 0, "0", "", None, [])
    assert not any(parse_lead(knock(lead(is_test=no)), SOURCE)[0].test for no in others)


@pytest.mark.parametrize("raw", [b"", b"[]", b"x", b"{}", lead(lead_id=None), lead(lead_id=[])])
def test_what_is_odd_is_held(raw: bytes) -> None:
    found = parse_lead(knock(raw), source("google-ads"))
    assert [a.held for a in found] == ["unexpected_shape"]
