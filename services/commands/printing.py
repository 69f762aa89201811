"""What a command prints: sentences on standard output, one clear sentence when it cannot go on."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import structlog
import typer
import uvloop
from pydantic import ValidationError

from libs.common.refusal import Refusal
from libs.common.settings import Settings
from libs.common.terminal import spoken

Given = TypeVar("Given")


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)  # noqa: T201 - this is where everything is printed


def run(work: Callable[[Settings], Coroutine[Any, Any, Given]]) -> Given:
    """Read the settings and run `work`; a Refusal becomes its sentence and exit status 1."""
    with refusals():
        try:
            return uvloop.run(work(settings()))
        except (Refusal, typer.Exit):
            raise
        except Exception as error:
            structlog.get_logger("process").exception("ended", error=type(error).__name__)
            raise Refusal(
                f"خطای پیش‌بینی‌نشده برنامه را بست ({type(error).__name__}).",
                f"An unexpected error ended the program ({type(error).__name__}).",
            ) from None


def settings() -> Settings:
    """From the environment. Raises Refusal naming the variable that cannot be read."""
    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join(f"SARNAKH_{each['loc'][0]}".upper() for each in error.errors())
        raise Refusal(
            f"مقدار {names} خوانده نمی‌شود.", f"{names} cannot be read from the environment."
        ) from None


@contextmanager
def refusals() -> Iterator[None]:
    """Turns a Refusal into its sentence and exit status 1."""
    try:
        yield
    except Refusal as refusal:
        print(spoken(refusal.text), file=sys.stderr, flush=True)  # noqa: T201 - as in `say`
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(1) from None


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A spinner with the step in work on a terminal, a line for each step elsewhere."""
    if not sys.stdout.isatty():
        yield say
        return
    from rich.console import Console  # noqa: PLC0415 - only who watches a terminal loads it

    with Console(highlight=False, markup=False).status("…") as status:
        yield status.update
