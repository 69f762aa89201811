"""Any JSON, mapped by the configuration: the kind that stands for whoever signs nothing."""

from __future__ import annotations

import pytest

from services.capture.sources.json_any import JSON, parse_lead
from tests.unit.capture.sources.samples import knock, source

SOURCE = source("json", secret="our-own", fields={"phone": "payload.person.reach"})


def test_without_a_secret_every_call_is_taken() -> None:
    assert JSON.prove(knock(b"{}"), source("json"), 0)
    assert not JSON.prove(knock(b"{}", x_lead_token="guess"), SOURCE, 0)


def test_a_repeat_under_a_key_of_the_sender_s_has_that_key() -> None:
    (found,) = parse_lead(knock(b'{"phone": "0912"}', idempotency_key="k-1"), SOURCE)
    assert found.key == "k-1"


@pytest.mark.parametrize(
    "raw",
    [
        b"{}",
        b'{"a": 1}',
        b'{"payload": {"person": []}}',
        b'{"data": {"a": {"b": 1}}}',
        b"phone=0912",
    ],
)
def test_what_says_nothing_of_a_person_is_held(raw: bytes) -> None:
    assert [a.held for a in parse_lead(knock(raw), SOURCE)] == ["unexpected_shape"]


URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = (
    b'--edge\r\nContent-Disposition: form-data; name="your.reach"\r\n\r\n0912\r\n--edge--\r\n'
)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"your.reach=0912&b=1", URLENCODED),
        (b"your.reach=0912&b=1", f"{URLENCODED.title()}; charset=UTF-8"),
        (MULTIPART, "multipart/form-data; boundary=edge"),
        (b'{"your.reach": "0912"}', URLENCODED),
        (b'{"your": {"reach": "0912"}}', ""),
    ],
)
def test_a_form_is_mapped_as_json_is(raw: bytes, said: str) -> None:
    mapped = source("json", fields={"phone": "your.reach"})
    (found,) = parse_lead(knock(raw, content_type=said), mapped)
    assert (found.fields, found.held, found.raw) == ({"phone": "0912"}, None, None)


def test_a_form_s_common_names_need_no_mapping() -> None:
    (found,) = parse_lead(knock(b"tel=0912&utm_source=x", content_type=URLENCODED), source("json"))
    assert found.fields == {"phone": "0912"}
    assert found.attribution.utm == {"source": "x"}


@pytest.mark.parametrize(
    ("raw", "is_test"),
    [
        (b'{"test":true,"data":{"phone":"09123330002"}}', True),
        (b'{"test":"1","type":"lead","data":{"phone":"09123330002"}}', True),
        (b'{"data":{"phone":"09123330002","test":true}}', True),
        (b'{"phone":"09123330002","test":true}', True),
        (b'{"test":false,"data":{"phone":"09123330002"}}', False),
        (b'{"data":{"phone":"09123330002"}}', False),
    ],
)
def test_a_test_is_one_beside_the_data_and_in_it(raw: bytes, *, is_test: bool) -> None:
    (found,) = parse_lead(knock(raw), source("json"))
    assert (found.fields["phone"], found.test) == ("09123330002", is_test)
