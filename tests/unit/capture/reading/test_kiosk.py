"""What a tablet beside a code says of it: the code where it is one, else a field like any other."""

from __future__ import annotations

import msgspec

from libs.common.configuration.schema import Qr
from libs.common.events import Attribution
from services.capture.reading.kiosk import BESIDE, beside

HALL = Qr(code="expo26", target="https://nil.example/expo", label="سالن ۶", booth="۱۲ب")
PLAIN = Qr(code="plain", target="https://nil.example/")
CODES = {code.code: code for code in (HALL, PLAIN)}
CAME = Attribution(page_url="https://nil.example/expo", utm={"medium": "kiosk"})


def test_a_tablets_lead_came_by_its_code_without_a_scan() -> None:
    found, rest = beside(CAME, {BESIDE: "expo26", "phone": "1"}, CODES)
    assert found == msgspec.structs.replace(CAME, qr="expo26")
    assert found.scan is None
    assert rest == {"label": "سالن ۶", "booth": "۱۲ب", "phone": "1"}


def test_what_a_code_does_not_have_is_not_said() -> None:
    assert beside(CAME, {BESIDE: "plain"}, CODES)[1] == {}


def test_a_forms_own_field_of_that_name_stays() -> None:
    assert beside(CAME, {BESIDE: "expo26", "label": "هدیه"}, CODES)[1]["label"] == "هدیه"


def test_what_is_no_code_of_ours_is_left_alone() -> None:
    for said in ({BESIDE: "gone"}, {BESIDE: ""}, {"code": "expo26"}, {}):
        assert beside(CAME, said, CODES) == (CAME, said)
