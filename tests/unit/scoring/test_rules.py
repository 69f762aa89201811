"""The shipped rules, each by the one thing that it is for."""

from __future__ import annotations

import pytest

from libs.common.configuration.scoring import ScoringRule
from services.scoring.book import compile_rules
from services.scoring.fact import Fact
from services.scoring.rules import RULES
from services.scoring.score import score
from services.scoring.story import story
from tests.unit.scoring.facts import NOW, activity, submission

BARE = submission(kind="other", page=None)
CASES: dict[str, list[Fact]] = {
    "gave_phone": [submission(contact={"phone": "+989121234567"})],
    "mobile_phone": [submission(contact={"phone_type": "fixed_or_mobile"})],
    "uncertain_phone": [submission(contact={"phone": "+98912"}, verified={"phone_valid": False})],
    "gave_name": [submission(contact={"name": "سارا"})],
    "gave_email": [submission(contact={"email": "a@gmail.com"}, verified={"email_free": True})],
    "business_email": [submission(contact={"email": "a@shop.example"})],
    "disposable_email": [submission(verified={"email_disposable": True})],
    "bot_signs": [submission(verified={"signs": ["honeypot"]})],
    "gave_company": [submission(contact={"company": "نیل"})],
    "gave_city": [submission(contact={"extra": {"شهر": "تهران"}})],
    "gave_budget": [submission(contact={"extra": {"Budget": 5}})],
    "filled_form": [submission(kind="webhook")],
    "started_chat": [submission(kind="chat")],
    "came_in_person": [submission(kind="walk_in")],
    "wrote_message": [submission("سلام")],
    "asked_price": [submission("قیمت؟")],
    "asked_demo": [submission("demo?")],
    "asked_call": [submission(kind="call")],
    "service_page": [submission(page="nil.example/خدمات/سئو")],
    "paid_click": [submission(attribution={"click_ids": {"gclid": "x"}})],
    "found_in_search": [submission(attribution={"referrer": "https://www.bing.com/"})],
    "referred": [submission(attribution={"referrer": "https://blog.example/"})],
    "scanned_qr": [submission(attribution={"qr": "expo26"})],
    "from_list": [submission(kind="import", touch={"temperature": "cold"})],
    "came_back": [BARE, submission(kind="other", page=None)],
    "saw_pages": [activity("page_view")],
    "downloaded": [activity("download")],
    "webinar": [activity("Webinar-attended")],
    "opened_mail": [activity("email_click")],
    "wish_list": [activity("wish-list")],
    "started_trial": [activity("trial_start")],
    "got_value": [activity("trial.activated")],
    "qualified_by_staff": [activity("staff.qualified")],
}


def _found(facts: list[Fact]) -> dict[str, int]:
    reasons = score(story(facts), compile_rules(RULES, []), 1, NOW).reasons
    return {reason.rule: reason.points for reason in reasons}


def test_every_rule_has_its_case_and_an_id_of_its_own() -> None:
    assert [rule.id for rule in RULES] == list(CASES)
    assert len(RULES) >= 14


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_speaks_when_it_should_and_not_otherwise(rule: ScoringRule) -> None:
    assert rule.id in _found(CASES[rule.id])
    assert rule.id not in _found([BARE])
    assert rule.id not in _found([activity("heartbeat")])
    assert rule.text.fa != rule.text.en


def test_a_cold_list_costs_points_and_one_that_is_not_does_not() -> None:
    bought = {"consent": {"basis": "bought_list"}}
    cold = submission(kind="import", contact=bought, touch={"temperature": "cold"})
    assert _found([cold])["from_list"] < 0
    agreed = submission(kind="import", contact={"consent": {"basis": "consent"}})
    assert "from_list" not in _found([agreed])


def test_nobody_scanned_who_stood_at_the_tablet_beside_the_code() -> None:
    at_tablet = {"qr": "expo26", "utm": {"medium": "kiosk"}}
    assert "scanned_qr" not in _found([submission(attribution=at_tablet)])
    by_poster = {"qr": "expo26", "utm": {"medium": "qr"}}
    assert "scanned_qr" in _found([submission(attribution=by_poster)])


def test_nobody_came_back_who_only_stands_in_a_list() -> None:
    first, listed, form, again = (
        submission(kind=kind, page=None, minute=minute)
        for minute, kind in enumerate(("other", "import", "other", "other"))
    )
    assert "came_back" not in _found([first, listed])
    assert "came_back" not in _found([listed, form])
    assert "came_back" in _found([listed, form, again])


def test_a_throw_away_address_is_no_business_address() -> None:
    found = _found(
        [submission(contact={"email": "a@x.example"}, verified={"email_disposable": True})]
    )
    assert "business_email" not in found
    assert found["disposable_email"] < 0
