"""Every kind has a page that connects it, in both languages, and the YAML in it is valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from libs.common.configuration.load import load
from libs.common.configuration.problems import Invalid
from services.capture.sources import KINDS

PAGES = Path(__file__).parents[4] / "docs" / "sources"
BLOCKS = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
REST = """
organisation: {name: Nil}
teams: [{key: a, name: A, specialists: [{key: s, name: S}]}]
routing: {fallback: a}
sites: [{key: main, hosts: [nil.example]}]
"""


def page(kind: str) -> str:
    return (PAGES / f"{kind}.md").read_text("utf-8")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_has_a_page_with_valid_yaml_in_two_languages(kind: str) -> None:
    text = page(kind)
    assert f"/v1/webhooks/{kind}/" in text or kind in {"cloudevents", "standard"}
    assert re.search("[؀-ۿ]{3}", text), "no Persian"
    blocks = BLOCKS.findall(text)
    assert any(f"kind: {kind}" in block for block in blocks), "no YAML of this kind"
    for block in blocks:
        if f"kind: {kind}" not in block:
            continue
        assert _problems(block) == []


def test_the_index_names_every_kind() -> None:
    index = page("README")
    assert {kind for kind in KINDS if f"[{kind}]({kind}.md)" not in index} == set()
    assert {found.stem for found in PAGES.glob("*.md")} == {*KINDS, "README"}


def _problems(block: str) -> list[str]:
    names = re.findall(r"\$\{([A-Z_0-9]+)\}", block)
    whole = yaml.safe_load(REST) | yaml.safe_load(block)
    try:
        load(yaml.safe_dump(whole, allow_unicode=True), dict.fromkeys(names, "whsec_YWJj"))
    except Invalid as invalid:
        return [str(problem) for problem in invalid.problems]
    return []
