"""Rule 25: no secret and no contact data in a log line, whoever wrote it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from libs.common import logs

CANARIES = (
    "سارا",
    "09121234567",
    "۰۹۱۲۱۲۳۴۵۶۷",
    "sara@nil.example",
    "whsec_abcdef",
    "+98 912 123 4567",
)


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)
    logging.captureWarnings(capture=False)


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_invariant_25_values_under_private_names_are_dropped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info")
    structlog.get_logger().error(
        "odd",
        phone="09121234567",
        email_typed="sara@nil.example",
        name="سارا",
        data={"contact": {"x": "سارا"}, "token": "whsec_abcdef", "count": 3},
        stage="routing",
    )
    (line,) = _lines(capsys)
    assert not any(canary in json.dumps(line, ensure_ascii=False) for canary in CANARIES)
    assert line["stage"] == "routing"
    assert line["data"] == {"contact": "[hidden]", "token": "[hidden]", "count": 3}


@pytest.mark.parametrize(
    "text",
    [
        "POST /v1/webhooks/elementor/main/whsec_abcdef answered 500",
        "GET https://nil.example/?phone=09121234567&token=whsec_abcdef",
        "bad value sara@nil.example for ۰۹۱۲۱۲۳۴۵۶۷",
        "called +98 912 123 4567",
        "on 2026-12-08 09121234567",
        "postgresql://sarnakh:whsec_abcdef@127.0.0.1:5432/postgres",
    ],
)
def test_invariant_25_private_text_is_masked_inside_sentences(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info")
    structlog.get_logger().error(text, detail=[text])
    logging.getLogger("aiokafka").error(text)
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 2
    assert not any(canary in told for canary in CANARIES)


def test_invariant_25_a_failure_is_told_without_what_it_quotes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info")
    try:
        int("سارا")
    except ValueError:
        structlog.get_logger().exception("failed")
        logging.getLogger("asyncio").exception("failed")
    first, second = _lines(capsys)
    assert first["failure"] == second["failure"]
    assert str(first["failure"]).startswith("['ValueError', '  test_logs.py:")
    assert "سارا" not in str(first)


def test_ids_times_and_counts_stay_readable(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    told = {
        "id": "018f3c1e-7b1a-7cc0-9a55-3f1de0c1b2a3",
        "at": "2026-11-22T10:20:30.123456+00:00",
        "expires": "2026-12-08",
        "jalali": "1405-09-17",
        "records": 1234567,
        "at_seconds": 1790000000.5,
        "file": "sarnakh.yaml",
    }
    structlog.get_logger().info("kept", **told)
    (line,) = _lines(capsys)
    assert {name: line[name] for name in told} == told


@given(st.text(), st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_no_text_breaks_a_line_in_two(event: str, values: dict[str, object]) -> None:
    line = logs.hide(None, "error", {"event": event, "values": values})
    assert "\n" not in structlog.processors.JSONRenderer(ensure_ascii=False)(None, "error", line)


def test_invariant_25_a_parser_of_forms_does_not_quote_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info")
    logging.getLogger("python_multipart.multipart").warning("Did not find boundary at %r", "سارا")
    (line,) = _lines(capsys)
    assert line["event"] == "a form cannot be read"


def test_lines_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    structlog.get_logger().info("kept")
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("kept")) == ("", 1)


def test_invariant_25_neither_a_bots_token_nor_a_links_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure("info")
    structlog.get_logger().error(
        "POST https://api.telegram.org/bot42:AAsecret/sendMessage",
        path="/a/c2VjcmV0?lang=fa",
    )
    [line] = _lines(capsys)
    assert "secret" not in str(line)
    assert "c2VjcmV0" not in str(line)
    assert "/sendMessage" in str(line)
