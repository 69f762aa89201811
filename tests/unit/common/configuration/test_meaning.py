"""What would silently do nothing is an error or a warning, with its line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from libs.common.configuration.load import load
from libs.common.configuration.problems import Problem
from libs.common.events import Text
from tests.unit.common.configuration.test_load import VALID, warned, wrong


def routed(rule: str) -> str:
    return VALID.replace("fallback: desk", f"fallback: desk, rules: [{rule}]", 1)


def formed(form: str) -> str:
    return f"{VALID}sites: [{{key: a, hosts: [nil.example], forms: [{{key: f, {form}}}]}}]"


def scored(when: str) -> str:
    text = "text: {fa: آ, en: a}"
    return f"{VALID}scoring: {{rules: [{{id: r, group: fit, points: 1, {text}, when: {when}}}]}}"


SOURCE = "sources: [{key: a, kind: standard, "


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{VALID}{SOURCE}secret: 'no base64!'}}]", "line 8: sources[0].secret: must be base64"),
        (f"{VALID}{SOURCE}secret: whsec_}}]", "line 8: sources[0].secret: must be base64"),
        (
            f"{VALID}{SOURCE}secret: [whsec_c2VjcmV0, 'a b']}}]",
            "line 8: sources[0].secret: must be base64",
        ),
        (
            f"{VALID}{SOURCE}secret: whsec_c2VjcmV0, region: UK}}]",
            "line 8: sources[0].region: is not a country's code",
        ),
        (formed("region: Iran"), "line 8: sites[0].forms[0].region: is not a country's code"),
        (
            formed("fields: {phone: tel_1}, required: [tel_1]"),
            "line 8: sites[0].forms[0].required[0]: is mapped to phone",
        ),
        (routed("{when: {}, team: desk}"), "line 7: routing.rules[0].when: is empty"),
        (routed("{team: desk}"), "line 7: routing.rules[0].when: is empty"),
        (
            routed("{when: {lang: en}, team: desk}"),
            "line 7: routing.rules[0].when.lang: is no known condition",
        ),
        (
            routed("{when: {utm.: en}, team: desk}"),
            "line 7: routing.rules[0].when.utm.: is no known condition",
        ),
        (
            routed("{when: {stage: customers}, team: desk}"),
            "line 7: routing.rules[0].when.stage: must be one of iql",
        ),
        (
            routed("{when: {temperature: [hot, red]}, team: desk}"),
            "line 7: routing.rules[0].when.temperature: must be one of cold",
        ),
        (
            routed("{when: {kind: forms}, team: desk}"),
            "line 7: routing.rules[0].when.kind: must be one of form",
        ),
        (
            routed("{when: {language: {is: en}}, team: desk}"),
            "line 7: routing.rules[0].when.language: takes text or a list",
        ),
        (
            routed("{when: {language: []}, team: desk}"),
            "line 7: routing.rules[0].when.language: takes text or a list",
        ),
        (
            routed("{when: {page: '/*'}, team: desk}"),
            "line 7: routing.rules[0].when.page: must begin with a host",
        ),
        (
            VALID.replace("desk}", "desk, pages: [{pattern: '/*', team: desk}]}"),
            "line 7: routing.pages[0].pattern: must begin with a host",
        ),
        (
            scored("{field: contact.budget, op: at_least, value: much}"),
            "line 8: scoring.rules[0].when.value: is no value that at_least can use",
        ),
        (
            scored("[{field: contact.place, op: in, value: Tehran}]"),
            "line 8: scoring.rules[0].when[0].value: is no value that in can use",
        ),
        (
            scored("{field: contact.place, op: is, value: [a]}"),
            "line 8: scoring.rules[0].when.value: is no value that is can use",
        ),
        (
            scored("{field: contact.place, op: contains}"),
            "line 8: scoring.rules[0].when.value: is no value that contains can use",
        ),
        (
            scored("{field: contact.place, op: exists, value: maybe}"),
            "line 8: scoring.rules[0].when.value: is no value that exists can use",
        ),
    ],
)
def test_what_never_works_is_an_error(text: str, said: str) -> None:
    assert any(each.startswith(said) for each in wrong(text)), wrong(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            formed("fields: {fone: tel_1}"),
            "line 8: sites[0].forms[0].fields.fone: is none of our fields",
        ),
        (
            formed("required: [phone, city]"),
            "line 8: sites[0].forms[0].required[1]: is neither ours nor mapped",
        ),
        (
            f"{VALID}{SOURCE}secret: whsec_c2VjcmV0, fields: {{mail: a.b}}}}]",
            "line 8: sources[0].fields.mail: is none of our fields",
        ),
        (
            scored("{field: activity.pge, op: is, value: x}"),
            "line 8: scoring.rules[0].when.field: is no field that we know",
        ),
    ],
)
def test_what_may_not_be_meant_is_a_warning(text: str, said: str) -> None:
    assert any(each.startswith(said) for each in warned(text)), warned(text)


@pytest.mark.parametrize(
    "text",
    [
        routed("{when: {stage: customer}, owner: keep}"),
        routed("{when: {language: [fa, en], utm.source: google, kind: form}, team: desk}"),
        routed("{when: {page: [nil.example/a/*, 'https://nil.example/b']}, team: desk}"),
        formed("fields: {phone: tel_1, name: your-name}, required: [phone, name], region: IR"),
        formed("required: any_contact"),
        f"{VALID}{SOURCE}secret: [whsec_c2VjcmV0, c2VjcmV0cw==], fields: {{phone: a.b}}}}]",
        scored("{field: contact.extra.شهر, op: in, value: [تهران, 2]}"),
        scored("{field: activity.page, op: matches, value: 'nil.example/pricing*'}"),
        scored("{field: person.touch_count, op: at_least, value: '۳'}"),
        scored("[{field: verified.email_free, op: is, value: true}]"),
        scored("{field: attribution.utm, op: exists}"),
    ],
)
def test_what_works_is_told_nothing(text: str) -> None:
    assert load(text, {}).warnings == ()


def test_a_secret_that_is_not_set_is_told_once() -> None:
    assert wrong(f"{VALID}{SOURCE}secret: '${{NO}}'}}]") == [
        "line 8: sources[0].secret: NO is not set in the environment"
    ]


def test_what_is_of_the_whole_file_names_no_line() -> None:
    problem = Problem(0, "", Text("خوانده نمی‌شود", "cannot be read"))
    assert (problem.of("fa"), problem.of("en")) == ("خوانده نمی‌شود", "cannot be read")


def test_the_example_of_the_documentation_is_understood() -> None:
    page = Path(__file__).parents[4] / "docs" / "how-to" / "add-a-scoring-rule.md"
    example = page.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    assert load(VALID + example, {}).warnings == ()
