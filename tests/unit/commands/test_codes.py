"""`sarnakh qr`: what is listed, drawn and written down for a new code."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from libs.common import logs
from libs.common.configuration.schema import Qr
from libs.common.refusal import Refusal
from libs.common.settings import Settings
from services.commands.codes import Wanted, list_codes, make
from services.commands.line import app

FILE = """organisation: {name: Nil}
teams: [{key: a, name: A, specialists: [{key: s, name: S}]}]
routing: {fallback: a}
qr: [{code: expo26, target: "https://nil.example/expo", label: سالن ۶, booth: ۱۲ب}]
"""
PUBLIC = "https://leads.nil.example"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "sarnakh.yaml"
    file.write_text(FILE, "utf-8")
    return Settings(config=file, public_url=PUBLIC)


def test_codes_are_listed_with_what_they_say(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    list_codes(settings)
    printed = capsys.readouterr().out
    for told in ("expo26", "سالن ۶", "۱۲ب", f"{PUBLIC}/q/expo26", "https://nil.example/expo"):
        assert told in printed


def test_a_known_code_is_drawn_in_either_shape(settings: Settings, tmp_path: Path) -> None:
    make(settings, Wanted("expo26"), None)
    assert "سالن ۶" in (tmp_path / "expo26.svg").read_text("utf-8")
    make(settings, Wanted("expo26"), tmp_path / "big.PNG")
    assert (tmp_path / "big.PNG").read_bytes().startswith(b"\x89PNG")


def test_a_new_code_is_a_line_for_the_file(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = Wanted("b-1", "https://nil.example/b", "میز «یک»", "پاییز", 'a "b" {c}: #d')
    make(settings, wanted, None)
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("  - "))
    (read,) = yaml.safe_load(line)
    assert Qr.model_validate(read) == Qr(**wanted._asdict())
    assert (tmp_path / "b-1.svg").exists()


@pytest.mark.parametrize(
    ("wanted", "out", "told"),
    [
        (Wanted("none"), None, "is no code of the configuration"),
        (Wanted("expo26", "https://nil.example/other"), None, "exists and leads to"),
        (Wanted("a b", "https://nil.example/"), None, "not a code"),
        (Wanted("new", "javascript:alert(1)"), None, "whole web address"),
        (Wanted("expo26"), Path("x.gif"), ".svg or .png"),
    ],
)
def test_what_cannot_be_made_is_refused_before_a_line_is_told(
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
    wanted: Wanted,
    out: Path | None,
    told: str,
) -> None:
    with pytest.raises(Refusal, match=told):
        make(settings, wanted, out)
    assert not list(Path.cwd().glob("*.svg"))
    assert not capsys.readouterr().out


@pytest.mark.parametrize("wanted", [Wanted("expo26"), Wanted("new", "https://nil.example/n")])
def test_nothing_is_drawn_for_paper_without_a_public_address(
    settings: Settings, capsys: pytest.CaptureFixture[str], wanted: Wanted
) -> None:
    with pytest.raises(Refusal, match="SARNAKH_PUBLIC_URL"):
        make(settings.model_copy(update={"public_url": ""}), wanted, None)
    assert not capsys.readouterr().out


@pytest.mark.parametrize("said", [["--target", "https://nil.example/x"], ["--out", "a.svg"]])
def test_what_is_said_of_no_code_is_refused(
    said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # for good, and to what the runner closes: all later tests of this process would log there
    monkeypatch.setattr(logs, "configure", lambda _level: None)
    answer = CliRunner().invoke(app, ["qr", *said])
    assert answer.exit_code == 2
    assert "which code" in answer.output
