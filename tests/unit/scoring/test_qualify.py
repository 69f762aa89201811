"""Stages, by domain.md's words for them."""

from __future__ import annotations

import pytest

from libs.common.configuration.scoring import Thresholds
from services.scoring.fact import Fact
from services.scoring.qualify import Qualified, qualify
from services.scoring.sentences import KNOWN_BY_NAME, ONLY_INTERESTED
from services.scoring.story import story
from tests.unit.scoring.facts import activity, submission


def _of(*facts: Fact, total: int = 0) -> Qualified:
    return qualify(story(facts), total, Thresholds())


def _read(*pages: str) -> list[Fact]:
    return [activity("page_view", page=page) for page in pages]


def _staff(kind: str, lead: str) -> Fact:
    return activity(kind, lead_id=lead)


WON, LOST, REOPENED = "staff.won", "staff.lost", "staff.reopened"
ASKED = "قیمت؟"


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ([], "iql"),
        ([submission()], "iql"),
        ([submission("سلام")], "iql"),
        ([submission(), activity("download")], "iql"),
        ([submission(), activity("webinar")], "mql"),
        ([submission(), activity("newsletter")], "mql"),
        ([submission(), activity("email_open")], "mql"),
        ([submission(), activity("wishlist")], "mql"),
        ([submission(), activity("cart_abandoned")], "mql"),
        ([submission(), activity("comment")], "mql"),
        ([submission(kind="chat")], "mql"),
        ([submission(attribution={"click_ids": {"fbclid": "x"}})], "mql"),
        (
            [submission(), *_read("nil.example/seo/1", "nil.example/seo/2", "nil.example/seo")],
            "mql",
        ),
        ([submission(), *_read("nil.example/a/1", "nil.example/b/1", "nil.example/c/1")], "iql"),
        ([submission(ASKED)], "sql"),
        ([submission("demo?")], "sql"),
        ([submission(kind="call")], "sql"),
        ([submission(), activity("staff.qualified")], "sql"),
        ([submission(), activity("trial_start")], "mql"),
        ([submission(ASKED), activity("trial.activated")], "pql"),
        ([submission(), activity("product_value")], "pql"),
        ([submission(ASKED), activity(WON)], "customer"),
        ([submission(), activity(WON), submission("سلام")], "customer"),
        ([submission(), activity(WON), submission(ASKED)], "service_qualified"),
        ([submission(), activity(WON), activity("staff.qualified")], "service_qualified"),
        ([submission(), activity(WON), submission(page="nil.example/ads")], "service_qualified"),
        ([_staff(WON, "a"), submission(ASKED), _staff(WON, "b")], "returning_customer"),
        ([_staff(WON, "a"), _staff(WON, "a")], "customer"),
        ([_staff(WON, "a"), _staff(LOST, "b")], "customer"),
        ([submission(ASKED), activity(LOST)], "iql"),
        ([submission(ASKED), activity(LOST), submission(ASKED)], "sql"),
        ([submission(ASKED), activity("product_value"), activity(LOST)], "iql"),
        ([submission(ASKED), _staff(LOST, "a"), _staff(REOPENED, "a")], "sql"),
        ([submission(ASKED), _staff(WON, "a"), _staff(REOPENED, "a")], "sql"),
    ],
)
def test_the_stage_follows_from_what_happened(facts: list[Fact], stage: str) -> None:
    assert _of(*facts).stage == stage


def test_the_score_alone_makes_somebody_marketing_qualified() -> None:
    assert _of(submission(), total=49).stage == "iql"
    found = _of(submission(), total=50)
    assert found.stage == "mql"
    assert found.reason.fa == "امتیازش به ۵۰ رسید (مرز: ۵۰)"


@pytest.mark.parametrize(
    ("facts", "fa", "en"),
    [
        ([submission(ASKED)], "در فرم سایت قیمت خواست", "asked for a price in a form of the site"),
        ([submission(kind="call")], "خودش زنگ زد", "phoned us"),
        (
            [submission(), activity(WON), submission(ASKED)],
            "مشتری است و دوباره در فرم سایت قیمت خواست",
            "is a customer and asked for a price in a form of the site",
        ),
        (
            [activity(WON, lead_id="a"), activity(WON, lead_id="b")],
            "۲ بار خرید کرده است",
            "has bought 2 times",
        ),
    ],
)
def test_the_reason_names_what_caused_the_stage(facts: list[Fact], fa: str, en: str) -> None:
    found = _of(*facts).reason
    assert (found.fa, found.en) == (fa, en)


def test_after_a_loss_the_reason_says_that_they_went_back() -> None:
    found = _of(submission(ASKED), activity(LOST))
    assert found.reason.fa.startswith("فروش قبلی به نتیجه نرسید")
    assert found.reason.en.startswith("the last sale was lost")


def test_who_left_only_a_name_is_not_said_to_have_left_a_contact() -> None:
    assert _of(submission(contact={"name": "Reza"})).reason == KNOWN_BY_NAME
    for contact in ({"phone": "+989121234567"}, {"email": "a@b.example"}, {"handle": "bale:1"}):
        assert _of(submission(contact=contact), activity("download")).reason == ONLY_INTERESTED
