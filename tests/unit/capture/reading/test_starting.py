"""Where a chat began: a code of ours with its page and campaign, a scan, or somebody's own word."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from libs.common.configuration.schema import Qr
from libs.common.events import Attribution
from services.capture.reading.scan import onward
from services.capture.reading.starting import started

CODES = {
    code.code: code
    for code in (
        Qr(
            code="expo26",
            target="https://nil.example/expo?utm_source=hall&gclid=G1",
            campaign="پاییز",
        ),
        Qr(code="bot", target="https://wa.me/989121234567?text=سلام", campaign="booth"),
    )
}
OWN = Attribution(page_url="nil.example/whatsapp")


@pytest.mark.parametrize("payload", ["expo26", "qr_expo26"])
def test_a_code_brings_its_page_its_campaign_and_its_click(payload: str) -> None:
    found = started(OWN, payload, CODES)
    assert (found.qr, found.page_url) == ("expo26", CODES["expo26"].target)
    assert found.utm == {"source": "hall", "campaign": "پاییز", "medium": "qr"}
    assert found.click_ids == {"gclid": "G1"}


def test_a_code_that_leads_into_the_chat_itself_leaves_the_source_s_page() -> None:
    found = started(OWN, "qr_bot", CODES)
    assert (found.qr, found.page_url) == ("bot", "nil.example/whatsapp")
    assert found.utm == {"campaign": "booth", "medium": "qr"}


def test_what_the_platform_says_of_an_ad_goes_before_a_code() -> None:
    own = Attribution(utm={"source": "x"}, click_ids={"ctwa_clid": "Aff"})
    found = started(own, "expo26", CODES)
    assert (found.utm, found.click_ids) == (own.utm, own.click_ids)


@pytest.mark.parametrize("payload", [None, "", "other", "qr_other", "sn_"])
def test_a_word_that_is_no_code_of_ours_changes_nothing(payload: str | None) -> None:
    assert started(OWN, payload, CODES) == OWN


@pytest.mark.parametrize(
    ("target", "name", "value"),
    [
        ("https://t.me/nil?start=old", "start", "sn_T-o_k"),
        ("https://ble.ir/nil", "start", "sn_T-o_k"),
        ("https://rubika.ir/nil", "start", "sn_T-o_k"),
        ("https://ig.me/m/nil?ref=old", "ref", "sn_T-o_k"),
        ("https://m.me/nil", "ref", "sn_T-o_k"),
        ("https://wa.me/989121234567?text=سلام، قیمت", "text", "سلام، قیمت sn_T-o_k"),
        ("https://api.whatsapp.com/send?phone=98912&text=a%26b+c", "text", "a&b c sn_T-o_k"),
        ("https://www.wa.me/989121234567", "text", "sn_T-o_k"),
        ("https://nil.example/expo", "_sn", "T-o_k"),
    ],
)
def test_a_scan_s_token_goes_where_each_platform_hands_it_on(
    target: str, name: str, value: str
) -> None:
    sent = onward(target, "T-o_k")
    assert sent.isascii()
    assert parse_qs(urlsplit(sent).query)[name] == [value]
    assert ("phone=98912" in sent) == ("phone=98912" in target)
