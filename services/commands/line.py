"""The command line's words: what can be asked for, and what does it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from libs.common import logs
from libs.common.events.values import Text
from libs.common.terminal import spoken
from services.commands import lists, preparing, processes
from services.commands.printing import refusals, run, settings
from services.migrations import SERVICES


class Service(StrEnum):
    """What `serve` runs."""

    CAPTURE = "capture"
    ENRICHMENT = "enrichment"
    SCORING = "scoring"
    ROUTING = "routing"
    DESK = "desk"


app = typer.Typer(
    name="sarnakh",
    help="Takes in leads, works out who they are, and tells the right sales specialist.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
config = typer.Typer(help="The configuration file.", no_args_is_help=True)
letters = typer.Typer(help="Events that no stage could use.", no_args_is_help=True)
app.add_typer(config, name="config")
app.add_typer(letters, name="dead-letters")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


@app.callback()
def _before() -> None:
    with refusals():
        logs.configure(settings().log_level)


@app.command()
def up() -> None:
    """Run the whole system in this process, until Ctrl-C."""
    run(lambda settings: processes.run_services(settings, SERVICES))


@app.command()
def serve(service: Annotated[Service, typer.Argument(help="Which of the five.")]) -> None:
    """Run one service in this process; start as many of each as you like."""
    run(lambda settings: processes.run_services(settings, (service.value,)))


@app.command()
def migrate() -> None:
    """Create and bring up to date the database's schemas and the log's topics."""
    run(preparing.migrate)


@app.command()
def books(*, as_json: Json = False) -> None:
    """Count what was accepted against where it is now; exit status 1 if they do not balance."""
    from services.commands import asking  # noqa: PLC0415 - only who asks loads httpx

    with refusals():
        if not asking.books(settings(), as_json=as_json):
            raise typer.Exit(1)


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Say what is missing on this machine and what to do; exit status 1 if something must be."""
    from services.commands.doctor import report  # noqa: PLC0415 - only this command loads it

    if not run(lambda settings: report.examine(settings, as_json=as_json)):
        raise typer.Exit(1)


@app.command()
def qr(  # noqa: PLR0913, PLR0917 - one for each word that may be said of a code
    code: Annotated[str | None, typer.Argument(help="Which; without it all are listed.")] = None,
    out: Annotated[Path | None, typer.Option(help="An .svg or .png; default: CODE.svg.")] = None,
    target: Annotated[str | None, typer.Option(help="Of a new code: where it leads.")] = None,
    label: Annotated[str | None, typer.Option(help="Of a new code: what staff call it.")] = None,
    campaign: Annotated[str | None, typer.Option(help="Of a new code: its campaign.")] = None,
    booth: Annotated[str | None, typer.Option(help="Of a new code: where it hangs.")] = None,
) -> None:
    """List the QR codes, draw one, or make a new one."""
    from services.commands import codes  # noqa: PLC0415 - only this command draws

    if code is None and (out, target, label, campaign, booth) != (None,) * 5:
        raise typer.BadParameter("say which code: sarnakh qr CODE ...")
    with refusals():
        if code is None:
            codes.list_codes(settings())
        else:
            codes.make(settings(), codes.Wanted(code, target, label, campaign, booth), out)


@app.command("import")
def import_list(  # noqa: PLR0913, PLR0917 - one for each thing that is to be said of a list
    file: Annotated[Path, typer.Argument(help="CSV of any kind, or .xlsx.")],
    basis: Annotated[
        lists.Basis | None, typer.Option(help="Why these people may be contacted; asked for.")
    ] = None,
    temperature: Annotated[
        lists.Temperature | None,
        typer.Option(help="cold: they asked for nothing. Default: by the basis."),
    ] = None,
    source: Annotated[str, typer.Option(help="What the list is called among sources.")] = "import",
    page: Annotated[str, typer.Option(help="Page of origin: decides whose they are.")] = "",
    note: Annotated[str, typer.Option(help="Where the list is from.")] = "",
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help="ours=column, or =column to keep it as it is; repeatable."),
    ] = None,
    errors: Annotated[
        Path | None, typer.Option(help="Write what is left out, with why, to this CSV.")
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count; nothing is put in.")
    ] = False,
) -> None:
    """Put in a list of leads; after a stop it goes on, and repeated it doubles nobody."""
    from services.commands import importing  # noqa: PLC0415 - only who asks loads httpx

    choice = lists.Said(basis, temperature, source, page, note, tuple(columns or ()))
    with refusals():
        importing.bring(settings(), file, choice, errors, dry_run=dry_run)


@app.command()
def erase(
    person: Annotated[str, typer.Argument(metavar="PERSON", help="The person's id at the desk.")],
    reason: Annotated[str, typer.Option(help="Why; it is kept, the person's data are not.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
) -> None:
    """Erase a person for good: contact, messages and history. It cannot be undone."""
    from services.commands import asking  # noqa: PLC0415 - only who asks loads httpx

    with refusals():
        if not yes:
            sure = Text("برگشت ندارد. پاک شود؟", "It cannot be undone. Erase?")
            typer.confirm(spoken(sure), abort=True)
        asking.erase(settings(), person, reason)


@config.command("check")
def check(
    file: Annotated[Path | None, typer.Argument(help="Default: the one in use.")] = None,
) -> None:
    """Check a configuration file; errors name line and field."""
    with refusals():
        preparing.check(settings(), file)


@letters.command("list")
def list_dead_letters(*, as_json: Json = False) -> None:
    """List the dead letters, newest first."""
    from services.commands import asking  # noqa: PLC0415 - only who asks loads httpx

    with refusals():
        asking.dead_letters(settings(), as_json=as_json)


@letters.command("show")
def show_dead_letter(letter: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Print one dead letter, whole."""
    from services.commands import asking  # noqa: PLC0415 - only who asks loads httpx

    with refusals():
        asking.dead_letter(settings(), letter)


@letters.command("replay")
def replay_dead_letter(letter: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Send a dead letter on again, after its cause is mended."""
    from services.commands import asking  # noqa: PLC0415 - only who asks loads httpx

    with refusals():
        asking.replay(settings(), letter)
