"""Numbers and addresses that are written well and could not be meant: refused, or warned of."""

from __future__ import annotations

import pytest

from libs.common.configuration.load import load
from libs.common.configuration.values import rate
from tests.unit.common.configuration.test_load import VALID, warned, wrong

MEMBER = "name: سارا}"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (MEMBER, "name: سارا, capacity: {open: 99999999999999999999}}", "open: must be at most"),
        (MEMBER, "name: سارا, capacity: {per_day: 1000001}}", "per_day: must be at most 1000000"),
        (MEMBER, "name: سارا, weight: .inf}", "weight: takes a number"),
        (MEMBER, "name: سارا, weight: inf}", "weight: must be at most 1000000"),
        (MEMBER, "name: سارا, weight: 1e300}", "weight: must be at most 1000000"),
        ("fallback: desk", "fallback: desk, sla: {accept_within: 5m, hops: 9999}", "hops: must be"),
    ],
)
def test_a_number_beyond_all_sense_is_refused_by_line(before: str, after: str, said: str) -> None:
    assert any(said in each for each in wrong(VALID.replace(before, after)))


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("limits: {form_refuse_above: 0/min}", "line 8: limits.form_refuse_above: would refuse"),
        ("limits: {form_per_network: 9999999999/min}", "line 8: limits.form_per_network: must be"),
        ("limits: {form_per_network: ۱۲/min}", "line 8: limits.form_per_network: must be written"),
        ("limits: {form_per_network: true}", "line 8: limits.form_per_network: must be written"),
        ("scoring: {thresholds: {hot: 99999999999}}", "line 8: scoring.thresholds.hot: must be"),
        ("scoring: {caps: {fit: 99999999999}}", "line 8: scoring.caps.fit: must be at most"),
        ("sources: [{key: a, kind: json, api_url: 'http://[::1'}]", "api_url: is no web address"),
        ("sources: [{key: a, kind: json, api_url: nowhere}]", "api_url: is no web address"),
        ("channels: {telegram: {api_url: 'https://x:99999'}}", "api_url: is no web address"),
        ("channels: {telegram: {api_url: 'https://a b/'}}", "api_url: is no web address"),
        ("channels: {bale: {api_url: 'ftp://x'}}", "channels.bale.api_url: is no web address"),
        (
            "sites: [{key: a, forms: [{key: b, thank_you: 'http://[::1'}]}]",
            "thank_you: is no web address",
        ),
    ],
)
def test_what_could_never_work_is_refused_by_line(added: str, said: str) -> None:
    assert any(said in each for each in wrong(VALID + added)), wrong(VALID + added)


@pytest.mark.parametrize("word", ["off", "Off", "false", "no", "'off'", "False"])
def test_a_limit_is_put_off_by_every_word_for_it(word: str) -> None:
    limits = load(VALID + f"limits: {{form_refuse_above: {word}}}", {}).configuration.limits
    assert rate(limits.form_refuse_above) is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000", "https://graph.example/v1", "${META_URL}"]
)
def test_addresses_that_work_are_taken(url: str) -> None:
    text = VALID + f"channels: {{telegram: {{api_url: '{url}'}}}}"
    assert load(text, {"META_URL": "http://[::1]:80/x"}).configuration.channels


@pytest.mark.parametrize("to", ["/thanks", "https://nil.example/thanks", "thanks.html"])
def test_a_page_of_thanks_may_be_relative(to: str) -> None:
    assert load(VALID + f"sites: [{{key: a, forms: [{{key: b, thank_you: {to}}}]}}]", {})


def test_what_works_and_surprises_is_warned_about() -> None:
    said = warned(VALID + "limits: {form_per_network: 0/min, form_refuse_above: 1/min}")
    assert any("form_per_network: holds every form" in each for each in said)
    said = warned(VALID + "limits: {form_per_network: 5/s, form_refuse_above: 100/min}")
    assert any("form_refuse_above: is reached before" in each for each in said)


def test_a_specialist_of_two_teams_with_two_sets_of_terms_is_warned_about() -> None:
    two = """\
teams:
  - key: desk
    name: Desk
    specialists:
      - {key: sara, name: Sara, capacity: {open: 5}}
  - key: seo
    name: SEO
    specialists:
      - {key: sara, name: Sara, TERMS}
routing: {fallback: desk}
"""
    assert warned(two.replace("TERMS", "capacity: {open: 5}, weight: 3")) == []
    for terms, name in (
        ("capacity: {open: 9}", "capacity"),
        ("capacity: {open: 5}, hours: {sat: ['09:00-17:00']}", "hours"),
        ("capacity: {open: 5}, notify: [{channel: console, to: x}]", "notify"),
        ("capacity: {open: 5}, away: [{from: 2026-12-01, to: 2026-12-02}]", "away"),
    ):
        said = warned(two.replace("TERMS", terms))
        assert len(said) == 1
        assert said[0].startswith(f"line 9: teams[1].specialists[0].{name}: differs from")
