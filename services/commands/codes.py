"""`sarnakh qr`: the codes there are, a picture of one, and the line for a new one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from libs.common.building import configuration_path
from libs.common.configuration import Configuration
from libs.common.configuration.codes import is_openable, written
from libs.common.configuration.load import load_file
from libs.common.configuration.schema import Qr
from libs.common.drawing import SHAPES, Shape, code_url, draw
from libs.common.events.values import Text
from libs.common.refusal import Refusal
from libs.common.settings import Settings
from libs.common.terminal import language, spoken
from services.commands.printing import say


class Wanted(NamedTuple):
    """A code as asked for on the command line."""

    code: str
    target: str | None = None
    label: str | None = None
    campaign: str | None = None
    booth: str | None = None


def list_codes(settings: Settings) -> None:
    """Print every code with what it says and where it leads. Raises Refusal."""
    configuration = configured(settings)
    here = f"http://{settings.capture_host}:{settings.capture_port}"
    if not configuration.qr:
        none = Text(
            "هنوز کدی در پیکربندی نیست. با --target یکی بسازید.",
            "No codes are configured yet. Make one with --target.",
        )
        say(spoken(none))
        return
    persian = language() == "fa"
    titles = ("کد", "برچسب", "کمپین", "غرفه", "نشانی", "مقصد")
    table = Table(*(titles if persian else ("code", "label", "campaign", "booth", "says", "to")))
    for code in configuration.qr:
        says = code_url(settings.public_url or here, code.code)
        told = (code.label, code.campaign, code.booth)
        table.add_row(code.code, *(text or "" for text in told), says, code.target)
    Console(highlight=False, markup=False).print(table)


def make(settings: Settings, wanted: Wanted, out: Path | None) -> None:
    """Draw a code; of a new one print the line first. Raises Refusal."""
    shape = _shape(out)
    known = {code.code: code for code in configured(settings).qr}.get(wanted.code)
    if known is None and wanted.target is None:
        raise Refusal(
            f"کد {wanted.code} در پیکربندی نیست؛ برای ساختن آن --target را هم بدهید.",
            f"{wanted.code} is no code of the configuration; to make one, say its --target too.",
        )
    if known is not None and wanted.target not in (None, known.target):
        raise Refusal(
            f"کد {wanted.code} از پیش هست و به {known.target} می‌رود؛ آن را در فایل عوض کنید.",
            f"{wanted.code} exists and leads to {known.target}; change it in the file.",
        )
    line = written(_new(wanted)) if known is None else None
    url = code_url(public_of(settings), wanted.code)
    if line:
        new = Text(
            "این خط را زیر qr: در پیکربندی بگذارید؛ کد تا یک ثانیه بعد به کار می‌افتد:",
            "Put this line below qr: in the configuration; the code works a second later:",
        )
        say(spoken(new))
        say(line)
    title = (known.label if known else wanted.label) or wanted.code
    path = out or Path(f"{wanted.code}.svg")
    path.write_bytes(draw(url, title, shape))
    say(spoken(Text(f"تصویر در {path} است.", f"The picture is in {path}.")))


def configured(settings: Settings) -> Configuration:
    """The configuration of the file in use. Raises Refusal where it cannot be read."""
    return load_file(configuration_path(settings), os.environ).configuration


def public_of(settings: Settings) -> str:
    """Where scanners find capture. Raises Refusal without a public address: paper stays."""
    if not settings.public_url:
        raise Refusal(
            "SARNAKH_PUBLIC_URL لازم است: نشانی‌ای که روی کاغذ چاپ می‌شود باید از بیرون باز شود.",
            "SARNAKH_PUBLIC_URL must be set: what is printed on paper has to open from outside.",
        )
    return settings.public_url


def _new(wanted: Wanted) -> Qr:
    try:
        code = Qr.model_validate(wanted._asdict())
    except ValueError:
        raise Refusal(f"کد پذیرفتنی نیست: {wanted.code}", f"not a code: {wanted.code}") from None
    if not is_openable(code.target):
        raise Refusal(
            "مقصد باید نشانی کامل وب باشد (https://…).",
            "The target must be a whole web address (https://…).",
        )
    return code


def _shape(out: Path | None) -> Shape:
    ending = out.suffix.lower().removeprefix(".") if out else "svg"
    found = next((shape for shape in SHAPES if shape == ending), None)
    if found is None:
        raise Refusal(
            "نام فایل باید به .svg یا .png ختم شود.", "The file must end in .svg or .png."
        )
    return found
