"""The health pages: ready means that every check is, and that the end has not been asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

from libs.common.runtime import Runtime
from libs.common.serving import health
from libs.common.settings import Settings


def _runtime(**checks: Callable[[], str | None]) -> Runtime:
    absent = cast("Any", None)  # the pages ask the checks only
    return Runtime(
        settings=Settings(),
        database=absent,
        log=absent,
        configurations=absent,
        stop=asyncio.Event(),
        say=print,
        embedded_log=True,
        token="",
        checks=checks,
    )


def test_ready_while_no_check_complains() -> None:
    status, _kind, body = health.readyz(_runtime(scoring=lambda: None))
    assert (status, json.loads(body)) == (200, {"ready": True, "troubles": {}})


def test_not_ready_while_one_does_and_it_says_why() -> None:
    runtime = _runtime(scoring=lambda: None, routing=lambda: "holding: postgres is away")
    status, _kind, body = health.readyz(runtime)
    assert status == 503
    assert json.loads(body)["troubles"] == {"routing": "holding: postgres is away"}


def test_a_page_may_ask_for_some_checks_only() -> None:
    runtime = _runtime(spool=lambda: None, routing=lambda: "away")
    assert health.readyz(runtime, only=("spool",))[0] == 200


def test_invariant_16_not_ready_as_soon_as_the_end_is_asked_for() -> None:
    runtime = _runtime()
    runtime.stop.set()
    assert health.readyz(runtime)[0] == 503
    assert health.livez()[0] == 200
