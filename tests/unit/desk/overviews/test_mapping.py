"""Which page goes where, by the same patterns as routing's."""

from __future__ import annotations

from libs.common.configuration import Configuration
from libs.common.configuration.load import load
from services.desk.overviews.mapping import destination, page_map
from services.desk.store.pages import PageCount

FILE = """
teams:
  - {key: seo, name: {fa: سئو, en: SEO}, specialists: [{key: sara, name: Sara}]}
  - {key: ads, name: {fa: تبلیغات, en: Ads}, specialists: [{key: omid, name: Omid}]}
  - {key: reception, name: {fa: پذیرش, en: Reception}, specialists: [{key: mina, name: Mina}]}
routing:
  fallback: reception
  rules:
    - {when: {stage: customer}, owner: keep}
    - {when: {language: en, page: "nil.example/ads/*"}, team: seo}
    - {when: {page: ["nil.example/vip", "nil.example/gold"]}, team: ads}
  pages:
    - {pattern: "nil.example/services/*", team: ads}
    - {pattern: "nil.example/services/seo/*", team: seo}
    - {pattern: "nil.example/never/*", team: ads}
"""


def content() -> Configuration:
    return load(FILE, {}).configuration


def test_leads_are_counted_under_the_pattern_that_wins() -> None:
    counts = [
        PageCount("nil.example/services/seo", "seo", 5),
        PageCount("nil.example/services/seo/local", "ads", 2),
        PageCount("nil.example/services", "ads", 1),
        PageCount("nil.example/about", "seo", 2),
        PageCount("nil.example/about", "reception", 3),
        PageCount(None, "reception", 4),
    ]
    found = page_map(content(), counts)
    assert [(flow.pattern, flow.team, flow.leads) for flow in found.flows] == [
        ("nil.example/services/seo/*", "seo", 7),
        ("nil.example/services/*", "ads", 1),
        ("nil.example/never/*", "ads", 0),
    ]
    assert found.flows[0].pages == (
        ("nil.example/services/seo", 5),
        ("nil.example/services/seo/local", 2),
    )
    assert (found.mapped, found.astray, found.no_page) == (8, 5, 4)
    assert found.coverage == 8 / 13


def test_the_line_to_copy_names_the_team_that_staff_have_chosen() -> None:
    counts = [PageCount("nil.example/a", "seo", 1), PageCount("nil.example/a", "reception", 9)]
    lines = [one.line for one in page_map(content(), counts).unmapped]
    assert lines == ['- {pattern: "nil.example/a/*", team: seo}']
    text = FILE + "    " + lines[0] + "\n"
    assert load(text, {}).configuration.routing.pages[-1].team == "seo"


def test_there_is_no_coverage_of_nothing() -> None:
    assert page_map(content(), []).coverage is None


def test_a_pasted_address_says_where_it_would_go_and_why() -> None:
    found = destination(content(), "https://www.nil.example/services/SEO/?utm_source=x#top")
    assert found
    assert (found.page, found.team) == ("nil.example/services/SEO", "seo")
    assert found.pattern == "nil.example/services/seo/*"
    assert found.why.en == "of the 2 patterns that match, this is the most exact"
    assert [one.en for one in found.unless] == [
        "rule 1: if stage is “Customer”, whoever had it before keeps it"
    ]


def test_a_rule_about_the_page_comes_before_the_patterns() -> None:
    found = destination(content(), "nil.example/gold")
    assert found
    assert (found.team, found.pattern) == ("ads", None)
    ads = destination(content(), "nil.example/ads/x")
    assert ads
    assert ads.team == "reception"
    assert ads.unless[1].fa == "قاعدهٔ ۲: اگر زبان «en» باشد، به تیم سئو می‌رود"


def test_what_is_no_page_goes_nowhere() -> None:
    assert destination(content(), "tel:+98912") is None
