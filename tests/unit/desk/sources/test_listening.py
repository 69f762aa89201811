"""A body taken apart: what is shown, what is guessed, and what is read agree with the door."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.configuration import known, mapped
from libs.common.configuration.schema import Source
from libs.common.normal.names import COMMON, at_path
from services.capture.sources import KINDS, Knock
from services.capture.sources.arrival import Arrival
from services.desk.sources.listening import opened, reading, take_apart
from services.desk.sources.trying import WayIn, tried
from services.desk.web.pages.sources import Picking

NAMES = st.sampled_from(["phone", "tel", "name", "data", "a", "a.b", "0", "", "ایمیل", "family"])
VALUES = st.recursive(
    st.sampled_from(["", "x", "0912", 7, True, None, 1.5]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=5)


def test_the_choices_are_our_fields() -> None:
    offered = get_args(get_args(Picking.model_fields["pick"].annotation)[0])
    assert set(offered) - {""} == set(COMMON) == known.FIELDS


@given(OBJECTS)
def test_a_path_leads_to_the_value_beside_which_it_stands(whole: dict[str, Any]) -> None:
    for leaf in take_apart("json", whole, {}).leaves:
        if leaf.path is not None:
            found = at_path(whole, leaf.path)
            assert leaf.text == (found if isinstance(found, str) else json.dumps(found))


@given(OBJECTS)
def test_guesses_written_down_change_nothing_that_is_read(whole: dict[str, Any]) -> None:
    guesses = {
        leaf.guess: leaf.path
        for leaf in take_apart("json", whole, {}).leaves
        if leaf.guess and leaf.path
    }
    before, after = (reading("json", whole, frozenset(), each) for each in ({}, guesses))
    assert dict(before.fields) == dict(after.fields)


@given(OBJECTS, st.dictionaries(st.sampled_from(list(COMMON)), NAMES, max_size=3))
def test_the_preview_is_what_the_door_reads(whole: dict[str, Any], fields: dict[str, str]) -> None:
    raw = json.dumps(whole).encode()
    source = Source.model_validate({"key": "s", "kind": "json", "fields": fields})
    (arrival,) = KINDS["json"].parse(Knock("POST", "/", b"", {}, raw, ""), source)
    value = opened("json", raw, "application/json")
    assert isinstance(arrival, Arrival)
    assert value is not None
    read = reading("json", *value, fields)
    assert dict(read.fields) == dict(arrival.fields)
    assert (read.outcome == "held") == (arrival.held is not None)


@given(st.dictionaries(st.sampled_from(list(COMMON)), st.text(min_size=1), min_size=1))
def test_a_line_is_read_as_it_was_picked_or_there_is_none(fields: dict[str, str]) -> None:
    line = mapped.written(fields)
    assert line is None or "\n" not in line


@pytest.mark.parametrize(
    "path", ["true", "null", "7", "1.5", "a: b", "#a", "- a", "سلام", "a\u2028b"]
)
def test_paths_that_yaml_would_take_for_something_else_are_quoted(path: str) -> None:
    assert mapped.written({"phone": path}) is not None


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not there")
@pytest.mark.parametrize("kind", ["standard", "cloudevents"])
def test_the_lines_for_a_shell_prove_their_sender(kind: str) -> None:
    way = WayIn("s", kind, f"/v1/webhooks/{kind}/s", has_secret=True, fields={})
    lines = tried(way, "http://127.0.0.1:8000")
    assert lines
    secret = "whsec_a2VwdC10by1vdXJzZWx2ZXM="
    shell = f"curl() {{ printf '%s\\n' \"$@\"; }}\n{lines}"
    ran = subprocess.run(
        ["/bin/bash", "-c", shell], env={"SECRET": secret, "PATH": "/usr/bin:/bin"},
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    said = ran.stdout.splitlines()
    given_headers = (one.split(": ", 1) for name, one in pairwise(said) if name == "-H")
    headers = {name.lower().encode(): value.encode() for name, value in given_headers}
    knock = Knock("POST", "/", b"", headers, said[said.index("-d") + 1].encode(), "")
    source = Source.model_validate({"key": "s", "kind": kind, "secret": secret})
    assert KINDS[kind].prove(knock, source, time.time())
    (arrival,) = KINDS[kind].parse(knock, source)
    assert isinstance(arrival, Arrival)
    assert (arrival.fields["phone"], arrival.test) == ("09120000000", True)
