"""What `sarnakh import` says while its list waits for its turn."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.settings import Settings
from services.commands import importing


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "lists before it: {n}"), ("fa", "فهرست‌های جلوتر: {n}")],
)
def test_a_list_that_waits_says_behind_how_many_and_each_number_once(
    language: str, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits = {"state": "checking", "position": 0, "rows": None}
    looks = iter([{**waits, "behind": n} for n in (2, 2, 1, 0)] + [{**waits, "state": "checked"}])

    def ask(*_asked: Any) -> Any:
        return next(looks)

    monkeypatch.setattr(importing, "ask", ask)
    monkeypatch.setattr(importing, "LOOK_SECONDS", 0.0)
    monkeypatch.setenv("LC_ALL", "fa_IR.UTF-8" if language == "fa" else "en_US.UTF-8")
    monkeypatch.setenv("COLUMNS", "200")
    done = importing._followed(Settings(), "/api/imports/x", "checking", lambda _now: 0)  # noqa: SLF001 - what is said on the way is only there
    assert done["state"] == "checked"
    said = capsys.readouterr().out
    assert [said.count(words.replace("{n}", n)) for n in "210"] == [1, 1, 0]
