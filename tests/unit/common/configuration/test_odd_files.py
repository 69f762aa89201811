"""A file that nobody meant to write: refused by line in one sentence, soon, and never worse."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.configuration.load import load, load_file
from libs.common.configuration.problems import Invalid
from libs.common.configuration.reading import as_text
from libs.common.refusal import Refusal
from tests.unit.common.configuration.test_load import VALID, wrong

BOMB = "\n".join(
    ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    + [
        f"{to}: &{to} [{', '.join([f'*{of}'] * 10)}]"
        for of, to in zip("abcdef", "bcdefg", strict=True)
    ]
)
CHAIN = "\n".join(["n0: &n0 [x]", *(f"n{i}: &n{i} [*n{i - 1}]" for i in range(1, 3000))])
WIDE = f"a: &a {'x' * 900_000}\nb: [{', '.join(['*a'] * 5000)}]"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (VALID.replace("Nil", '"a\\0b"'), "line 1: organisation.name: holds a character"),
        (VALID.replace("Nil", '"a\\uD800b"'), "line 1: organisation.name: holds a character"),
        (VALID.replace("Nil", '"a\\x07b"'), "line 1: organisation.name: holds a character"),
        (VALID + '"\\ud800": x', "line 8: �: holds a character"),
        (VALID.replace("Nil", '"a\\UFFFFFFFF"'), "line 1: not readable YAML"),
        (VALID.replace("Nil", '"a\\U00110000"'), "line 1: not readable YAML"),
        (VALID + "qr: \x07", "line 8: not readable YAML"),
        (VALID + "qr: \ud800", "line 8: not readable YAML"),
        ("%YAML 1." + "9" * 5000 + "\n---\n" + VALID, "line 1: not readable YAML"),
        (VALID + "qr: " + "[" * 5000, "line 8: is nested too deeply"),
        (VALID + "qr: " + "[" * 400_000, "line 8: is nested too deeply"),
        (VALID + CHAIN, "is nested too deeply"),
        (VALID + BOMB, "comes to too much"),
        (VALID + WIDE, "comes to too much"),
        (VALID + "qr: {a: " + "9" * 400 + ".5}", "line 8: qr.a: is too large a number"),
    ],
)
def test_odd_text_is_refused_by_line_and_soon(text: str, said: str) -> None:
    began = time.process_time()
    found = wrong(text)
    assert time.process_time() - began < 5
    assert any(said in each for each in found), found[:3]


def test_a_secret_of_the_environment_that_is_no_text_is_refused_by_line() -> None:
    text = VALID + 'api_keys: [{key: a, token: "${TOKEN}"}]'
    assert wrong(text, TOKEN="canary\udcff") == [
        "line 8: api_keys[0].token: the value of TOKEN holds a character that is no text"
    ]


def test_what_is_wrong_a_thousand_times_is_told_a_few_times_and_soon() -> None:
    text = VALID + "sites:\n" + "".join(f"  - {{kee{i}: a}}\n" for i in range(9000))
    began = time.process_time()
    with pytest.raises(Invalid) as refused:
        load(text, {})
    assert time.process_time() - began < 30
    assert len(refused.value.problems) <= 101
    assert "more" in refused.value.problems[-1].text.en


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: 1\nb: \xff\xfe\n", "line 2: is not UTF-8 text"),
        (b"\xff\xfea\x00:\x001\x00", "line 1: is not UTF-8 text"),
        (b"a: 1\n" * 300_000, "is larger than 1 MiB"),
    ],
)
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(content)
    with pytest.raises(Invalid) as refused:
        load_file(path, {})
    assert [said] == [each.of("en") for each in refused.value.problems]


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, tmp_path / "none", Path("/dev/zero")):
        with pytest.raises(Refusal, match="cannot be read: ") as refused:
            load_file(path, {})
        assert refused.value.text.fa != refused.value.text.en


@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: (VALID + text).encode(errors="surrogatepass")),
        st.tuples(st.integers(0, len(VALID)), st.binary(max_size=8)).map(
            lambda cut: VALID.encode()[: cut[0]] + cut[1] + VALID.encode()[cut[0] :]
        ),
        st.tuples(
            st.integers(0, len(VALID)),
            st.text(alphabet=[*"&*a[]{}:-?!|>%@`'\"\\\n\t #,<~=0xuUN1.", "\0", "\x85"], max_size=9),
        ).map(lambda cut: (VALID[: cut[0]] + cut[1] + VALID[cut[0] :]).encode()),
    )
)
def test_no_bytes_do_worse_than_being_refused(content: bytes) -> None:
    with suppress(Invalid):
        load(as_text(content), {})
