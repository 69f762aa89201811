"""`python -m demo`: what `make demo` runs, against a system that is running."""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Annotated, Final

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from demo.checking import Seens, follow, misplaced
from demo.firm import Firm, firm
from demo.platform import platform
from demo.sending import OF_THE_LIMIT, Sender, Sent, Unwelcome
from demo.stories import STORIES, Story
from libs.common.events.values import Text
from libs.common.refusal import Refusal
from libs.common.settings import Settings
from libs.common.terminal import spoken
from services.commands.printing import refusals, say, settings

_AT_ONCE: Final = 4
_WITHIN: Final = 90.0
"""Seconds after the last post in which all must be where they belong."""
_SENDING: Final = Text("می‌فرستم", "sending")
_FOLLOWING: Final = Text("دنبال می‌کنم", "following")

app = typer.Typer(add_completion=False)


@app.command()
def main(
    count: Annotated[int, typer.Option(min=1, help="About how many submissions.")] = 150,
    seed: Annotated[int | None, typer.Option(help="The same seed, the same people.")] = None,
) -> None:
    """Send realistic traffic of every kind to a running system, and see where all of it went."""
    with refusals():
        chosen = secrets.randbelow(10**6) if seed is None else seed
        if not asyncio.run(_demonstrate(settings(), count, chosen)):
            raise typer.Exit(1)


def plan(place: Firm, count: int, seed: int) -> list[Story]:
    """Which stories happen, in which order: each kind at least once, the rest by weight."""
    draw = Random(seed)  # noqa: S311 - a demonstration can be repeated
    possible = [story for story in STORIES if story.is_possible(place)]
    chosen = list(possible)
    while sum(story.makes for story in chosen) < count:
        chosen += draw.choices(possible, [story.weight for story in possible])
    draw.shuffle(chosen)
    return chosen


async def _demonstrate(settings: Settings, count: int, seed: int) -> bool:
    place = firm(settings)
    stories = plan(place, count, seed)
    _announce(place, stories, seed)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress:
        task = progress.add_task(spoken(_SENDING), total=sum(story.makes for story in stories))
        async with httpx.AsyncClient(timeout=30) as http:
            sender = Sender(place, http, lambda: progress.advance(task))
            try:
                async with platform(place.platform, sender.content):
                    await _send(sender, stories, seed)
                    seen = await _follow(sender, progress)
            except OSError as error:
                raise _taken(place) from error
    return report(sender.sent, seen)


async def _send(sender: Sender, stories: list[Story], seed: int) -> None:
    """All stories, a few at a time. Raises Refusal when the system answers as it should not."""
    limit = asyncio.Semaphore(_AT_ONCE)

    async def happen(number: int, story: Story) -> None:
        async with limit:
            draw = Random(f"{seed}:{number}")  # noqa: S311 - a demonstration can be repeated
            await story.run(sender, draw, f"demo-{seed}-{number}")

    failed: Exception | None = None
    try:
        async with asyncio.TaskGroup() as group:
            for number, story in enumerate(stories):
                group.create_task(happen(number, story))
    except* (httpx.HTTPError, Unwelcome) as found:
        failed = next(one for one in found.exceptions if not isinstance(one, ExceptionGroup))
    if failed:  # not from inside: there it would be one of a group, and nobody reads groups
        raise _stopped(failed, sender.firm)


async def _follow(sender: Sender, progress: Progress) -> Seens:
    task = progress.add_task(spoken(_FOLLOWING), total=len(sender.sent))

    def told(done: int) -> None:
        progress.update(task, completed=done)

    return await follow(sender.firm, sender.http, sender.sent, _WITHIN, told)


def _announce(place: Firm, stories: list[Story], seed: int) -> None:
    """Say what will be sent, how long that takes, and what is left out."""
    total = sum(story.makes for story in stories)
    fa, en = f"{total} مورد، با بذر {seed}", f"{total} submissions, seed {seed}"
    if place.forms_per_minute is not None:
        forms = sum(story.makes for story in stories if story.posts_forms)
        seconds = round(forms * 60 / (place.forms_per_minute * OF_THE_LIMIT))
        fa += f"؛ به‌خاطر سقف فرم‌ها حدود {seconds} ثانیه طول می‌کشد"
        en += f"; takes about {seconds} s, because of the limit on forms"
    say(spoken(Text(f"{fa}.", f"{en}.")))
    absent = ", ".join(story.name for story in STORIES if not story.is_possible(place))
    if absent:
        text = Text(
            f"در پیکربندی نیست و فرستاده نمی‌شود: {absent}. همه‌اش با: "
            "SARNAKH_CONFIG=demo/sarnakh.yaml make run",
            f"Not in the configuration, so not sent: {absent}. For all of it: "
            "SARNAKH_CONFIG=demo/sarnakh.yaml make run",
        )
        say(spoken(text))


def report(sent: Sequence[Sent], seen: Seens) -> bool:
    """Print where everything went, and what is not where it belongs; whether nothing is."""
    states = sorted({_state(each, seen) for each in sent})
    table = Table("", "sent", *states, box=None)
    for what in dict.fromkeys(story.name for story in STORIES):
        found = Counter(_state(each, seen) for each in sent if each.what == what)
        if found:
            counts = (str(found[state] or "") for state in states)
            table.add_row(what, str(found.total()), *counts)
    all_of = Counter(_state(each, seen) for each in sent)
    table.add_row("[bold]all[/]", str(len(sent)), *(str(all_of[state]) for state in states))
    Console().print(table)
    wrong = misplaced(sent, seen)
    for each in wrong:
        state = _state(each, seen)
        say(f"{each.submission_id} ({each.what}): {state} ≠ {each.ends}{_because(each, seen)}")
    if wrong:
        text = Text(
            f"{len(wrong)} مورد جایی نیست که باید.", f"{len(wrong)} are not where they belong."
        )
    else:
        text = Text("همه همان‌جایی هستند که باید.", "All are where they belong.")
    say(spoken(text))
    return not wrong


def _state(sent: Sent, seen: Seens) -> str:
    found = seen.get(sent.submission_id)
    return found.state if found else "unknown"


def _because(sent: Sent, seen: Seens) -> str:
    found = seen.get(sent.submission_id)
    reason = found.reason if found else None
    return f" ({reason or sent.reason})" if reason or sent.reason else ""


def _stopped(error: Exception, place: Firm) -> Refusal:
    if isinstance(error, Unwelcome):
        return Refusal(
            f"سامانه آن‌طور که باید پاسخ نداد: {error}", f"The system answered otherwise: {error}"
        )
    where = f"{place.capture}, {place.desk}"
    return Refusal(
        f"سامانه در {where} پاسخ نمی‌دهد؛ اول «make run» را اجرا کنید.",
        f"The system does not answer at {where}; run `make run` first.",
    )


def _taken(place: Firm) -> Refusal:
    where = ":".join(map(str, place.platform or ()))
    return Refusal(
        f"در {where} (api_url متا) نمی‌توان به جای متا نشست.",
        f"Nobody can stand in for Meta at {where} (its api_url): the port is taken.",
    )


if __name__ == "__main__":
    app()
