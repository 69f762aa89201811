"""Reading the configuration: errors by line and field, secrets from the environment only."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from libs.common.configuration import document, values
from libs.common.configuration.load import load
from libs.common.configuration.problems import Invalid

ROOT = Path(__file__).parents[4]
VALID = """\
organisation: {name: Nil}
teams:
  - key: desk
    name: {fa: میز, en: Desk}
    specialists:
      - {key: sara, name: سارا}
routing: {fallback: desk}
"""


def wrong(text: str, **environment: str) -> list[str]:
    """Each problem as people read it, in English."""
    with pytest.raises(Invalid) as refused:
        load(text, environment)
    assert all(problem.of("fa") != problem.of("en") for problem in refused.value.problems)
    return [problem.of("en") for problem in refused.value.problems]


def warned(text: str, **environment: str) -> list[str]:
    return [warning.of("en") for warning in load(text, environment).warnings]


def test_the_shipped_example_is_valid_and_needs_no_secret() -> None:
    loaded = load((ROOT / "sarnakh.example.yaml").read_text(encoding="utf-8"), {})
    assert loaded.warnings == ()
    hosts = loaded.configuration.sites[0].hosts
    assert {"nil.example", "localhost", "127.0.0.1"} <= set(hosts)


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("limit: {}", "line 8: limit: is not known; did you mean limits?"),
        ("limits: {form_per_network: 5/day}", "line 8: limits.form_per_network: must be written"),
        ("sites: [{key: a, hosts: ['http://x']}]", "line 8: sites[0].hosts[0]: takes a host name"),
        ("sites:\n  - key: a\n    key: b", "line 10: sites[0].key: is given twice"),
        ("sources: [{key: a, kind: carrier}]", "line 8: sources[0].kind: is not a known kind"),
        ("sources: [{key: a, kind: standard}]", "line 8: sources[0].secret: is required"),
        ("api_keys: [{key: a, token: '${NO}'}]", "line 8: api_keys[0].token: NO is not set"),
        (
            "api_keys: [{key: a, token: x}, {key: b, token: x}]",
            "line 8: api_keys[1].token: is used twice",
        ),
        ("organisation: {}", "line 8: organisation: is given twice"),
        ("privacy: {retention: {raw: long}}", "line 8: privacy.retention.raw: is no duration"),
        (
            "privacy: {retention: {raw: 3000y}}",
            "line 8: privacy.retention.raw: is more than 1000 years",
        ),
        (
            "privacy: {retention: {activity: 999999d}}",
            "line 8: privacy.retention.activity: is more than 1000 years",
        ),
        ("scoring: {thresholds: {warm: 9, hot: 3}}", "line 8: scoring.thresholds.hot: is less"),
        ("qr: !!python/object:os.system []", "line 8: qr: YAML tags are not taken"),
        ("qr: [", "line 8: not readable YAML"),
        ("qr: &a [*a]", "line 8: qr[0]: contains itself"),
    ],
)
def test_an_error_names_line_and_field(added: str, said: str) -> None:
    assert any(each.startswith(said) for each in wrong(VALID + added)), wrong(VALID + added)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("fallback: desk", "fallback: nobody", "line 7: routing.fallback: there is no team nobody"),
        (
            "fallback: desk",
            "fallback: desk, pages: [{pattern: x, team: y}]",
            "line 7: routing.pages[0].team: there is no team y",
        ),
        (
            "fallback: desk",
            "fallback: desk, rules: [{when: {language: en}}]",
            "line 7: routing.rules[0]: needs either a team or an owner",
        ),
        (
            "fallback: desk",
            "fallback: desk, sla: {accept_within: soon}",
            "line 7: routing.sla.accept_within: is no duration",
        ),
        ("key: desk", "key: desk\n    manager: ali", "line 4: teams[0].manager: there is no"),
        ("name: Nil", "time_zone: Asia/Tehra", "line 1: organisation.time_zone: is not a known"),
        ("name: Nil", "country: UK", "line 1: organisation.country: is not a country's code"),
        ("name: Nil", 'holidays: ["1406-13-01"]', "line 1: organisation.holidays[0]: is no day"),
        (
            "name: Nil",
            'working_week: {sat: ["17:00-09:00"]}',
            "line 1: organisation.working_week.sat[0]: must end after it begins",
        ),
        (
            "name: سارا}",
            "name: سارا, notify: [{channel: webhook, to: 'https://x.example'}]}",
            "line 6: teams[0].specialists[0].notify[0].channel: webhook messages are signed",
        ),
        (
            "name: سارا}",
            "name: سارا, hours: {sat: [9-17]}}",
            "line 6: teams[0].specialists[0].hours.sat[0]: must be written as 09:00-17:00",
        ),
        (
            "name: سارا}",
            "name: سارا, away: [{from: 1406-02-05, to: 1406-02-01}]}",
            "line 6: teams[0].specialists[0].away[0].to: is before the first day",
        ),
        ("name: سارا}", "nmae: سارا}", "line 6: teams[0].specialists[0].name: is required"),
    ],
)
def test_what_does_not_fit_together_is_named(before: str, after: str, said: str) -> None:
    text = VALID.replace(before, after, 1)
    assert any(each.startswith(said) for each in wrong(text)), wrong(text)


def test_all_errors_are_told_at_once() -> None:
    text = VALID.replace("desk}", "none}").replace("Nil", "Nil, country: XX")
    assert len(wrong(text)) == 2


def test_invariant_25_an_error_never_quotes_a_secret() -> None:
    text = (
        VALID + "api_keys: [{key: a, token: ['${TOKEN}']}]\nlimits: {form_per_network: '${TOKEN}'}"
    )
    assert not any("canary" in each for each in wrong(text, TOKEN="canary"))


def test_secrets_are_read_but_not_kept() -> None:
    text = VALID + 'api_keys: [{key: a, token: "${TOKEN}"}]'
    first = load(text, {"TOKEN": "canary"})
    assert first.configuration.api_keys[0].token == "canary"
    assert "canary" not in str(first.written)
    assert first.digest == load(text, {"TOKEN": "another"}).digest


@pytest.mark.parametrize(
    ("added", "said"),
    [
        ("privacy: {retention: {lead: 9d}}", "line 8: privacy.retention.lead: nothing is deleted"),
        (
            "channels: {webhook: {api_url: 'http://x.example'}}",
            "line 8: channels.webhook.api_url: goes by plain http",
        ),
    ],
)
def test_what_has_no_effect_yet_is_warned_about(added: str, said: str) -> None:
    assert any(each.startswith(said) for each in warned(VALID + added)), warned(VALID + added)


def test_plain_words_stay_words() -> None:
    found, _lines = document.read(
        "a: off\nb: no\nc: 12:30\nd: 2027-03-21\ne: 0912\nf: 7\ng: 1.5\nh: true\ni: '7'\nj: ~"
    )
    assert list(found.values()) == [
        "off", "no", "12:30", "2027-03-21", "0912", 7, 1.5, True, "7", None,
    ]  # fmt: skip


def test_a_number_is_taken_where_text_is_meant() -> None:
    text = VALID.replace("name: سارا}", "name: سارا, notify: [{channel: console, to: 123456}]}")
    route = load(text, {}).configuration.teams[0].specialists[0].notify[0]
    assert route.to == "123456"


@given(st.text(max_size=200))
def test_no_text_does_worse_than_being_refused(text: str) -> None:
    with suppress(Invalid):
        load(text, {})


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=12,
    )
)
def test_no_shape_does_worse_than_being_refused(shape: object) -> None:
    base = yaml.safe_load(VALID)
    for part in ("organisation", "sites", "teams", "routing", "channels", "scoring"):
        with pytest.raises(Invalid):
            load(yaml.safe_dump(base | {part: shape, "unknown": 1}, allow_unicode=True), {})


def test_a_day_is_gregorian_or_jalali() -> None:
    assert values.day("2027-03-21") == values.day("1406-01-01") == date(2027, 3, 21)
    for bad in ("1406-13-01", "2027-02-30", "27-1-1", "", "امروز"):
        with pytest.raises(ValueError, match=r"day|month|range|jalali|Invalid"):
            values.day(bad)


def test_durations_and_rates() -> None:
    assert values.duration("90s") == timedelta(seconds=90)
    assert values.duration("14d") == timedelta(days=14)
    assert values.rate("120/min") == values.Rate(120, 60.0)
    assert values.rate("off") is None
    for bad in ("", "10", "m10", "-1d", "1.5h", "۱۰m"):
        with pytest.raises(ValueError, match="duration"):
            values.duration(bad)
