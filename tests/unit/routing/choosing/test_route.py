"""Which team: rules in order, the longest page, the fallback; and the sentence that says why."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.configuration import Active
from libs.common.configuration.schema import Configuration
from services.routing.choosing.assign import Given, assign
from services.routing.choosing.route import facts_of, route
from services.routing.plan import compile_plan
from tests.unit.routing.samples import a_case, a_cause, a_plan, a_roster


@pytest.mark.parametrize(
    ("page", "team", "rule"),
    [
        ("nil.example/services/seo", "seo", "page:nil.example/services/seo/*"),
        ("nil.example/services/seo/links", "seo", "page:nil.example/services/seo/*"),
        ("nil.example/services/seos", "reception", "page:nil.example/services/*"),
        ("nil.example/خدمات/سئو/لینک‌سازی", "seo", "page:nil.example/خدمات/سئو/*"),
        ("nil.example/خدمات/سئو", "seo", "page:nil.example/خدمات/سئو/*"),
        ("nil.example/خدمات", "reception", "fallback"),
        ("other.example/services/seo", "reception", "fallback"),
        (None, "reception", "fallback"),
    ],
)
def test_the_longest_page_wins(page: str | None, team: str, rule: str) -> None:
    found = route({"page": page}, a_plan())
    assert (found.team, found.rule) == (team, rule)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"language": "en", "temperature": "hot"}, "rule:2"),
        ({"language": "en", "temperature": "cold"}, "fallback"),
        ({"language": None, "temperature": "hot"}, "fallback"),
        ({"stage": "customer"}, "fallback"),
    ],
)
def test_rules_come_before_pages_and_all_conditions_hold(facts: dict[str, Any], rule: str) -> None:
    assert route(facts, a_plan()).rule == rule


def test_a_kept_owner_needs_one_to_keep() -> None:
    found = route({"stage": "customer"}, a_plan(), has_owner=True)
    assert (found.rule, found.keeps_owner) == ("rule:1", True)


def test_a_rule_may_name_a_page_pattern_and_a_utm_field() -> None:
    rules = [
        {"when": {"page": ["nil.example/a/*", "nil.example/b"]}, "team": "seo"},
        {"when": {"utm.campaign": "nowruz"}, "team": "international"},
    ]
    plan = a_plan(rules=rules)
    assert route({"page": "nil.example/a/deep"}, plan).rule == "rule:1"
    assert route({"page": "nil.example/b/deep"}, plan).rule == "fallback"
    assert route({"utm.campaign": "nowruz"}, plan).rule == "rule:2"


def test_a_rule_without_conditions_is_for_everybody() -> None:
    plan = a_plan(rules=[{"team": "seo"}])
    assert route(facts_of(a_case().lead), plan).team == "seo"


HOT_AND_ENGLISH = (
    "because it was written in English, and it is a warm lead or a hot lead, "
    "and it was Leila's turn"
)


@pytest.mark.parametrize(
    ("more", "fa", "en"),
    [
        (
            {},
            "چون از صفحهٔ سئو آمده و نوبت Sara بود",
            "because it came from the SEO page, and it was Sara's turn",
        ),
        (
            {"language": "en", "temperature": "hot"},
            "چون به انگلیسی نوشته است و سرنخ گرم یا سرنخ داغ است و نوبت Leila بود",
            HOT_AND_ENGLISH,
        ),
        (
            {"page": "nil.example/blog"},
            "چون صفحه‌ای که از آن آمده به تیمی سپرده نشده و نوبت Mina بود",
            "because the page it came from belongs to no team yet, and it was Mina's turn",
        ),
        (
            {"page": None},
            "چون معلوم نیست از کدام صفحه آمده و نوبت Mina بود",
            "because it is not known which page it came from, and it was Mina's turn",
        ),
    ],
)
def test_why_is_a_sentence(more: dict[str, Any], fa: str, en: str) -> None:
    assignment = a_case(**more).lead.assignment
    assert assignment is not None
    assert (assignment.why.fa, assignment.why.en) == (fa, en)
    assert assignment.config_version == 7


def test_a_former_owner_who_is_away_is_skipped_with_the_reason() -> None:
    plan = a_plan()
    away = {"from": "2026-11-22", "to": "2026-11-22"}
    changed = plan.content.model_dump(by_alias=True)
    changed["teams"][0]["specialists"][0]["away"] = [away]
    content = Configuration.model_validate(changed)
    roster = a_roster(compile_plan(Active(8, content)))
    given = assign(a_case().lead, "sara", roster, a_cause())
    assert isinstance(given, Given)
    assert given.assignment.specialist == "ali"
    assert [s.specialist for s in given.assignment.skipped] == ["sara"]


def test_a_former_owner_who_has_left_is_forgotten() -> None:
    given = assign(a_case().lead, "gone", a_roster(), a_cause())
    assert isinstance(given, Given)
    assert given.assignment.rule == "page:nil.example/services/seo/*"
