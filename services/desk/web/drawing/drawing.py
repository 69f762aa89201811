"""Draws the pages: the templates, and what each of them is given."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import jinja2
import phonenumbers
from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from libs.common.configuration import Configuration
from libs.common.mailto import mailto
from libs.common.normal.text import persian
from services.desk import words
from services.desk.reading.answers import answers, readable
from services.desk.stage import specialists
from services.desk.web.drawing.dates import LEFT, Clock
from services.desk.web.drawing.folding import beginning
from services.desk.web.drawing.origin import origins
from services.desk.web.language import COOKIE, Language, of_person
from services.desk.web.phrases import Say
from services.desk.web.who import Staff

_HERE: Final = Path(__file__).resolve().parents[2]
STATIC: Final = _HERE / "static"
_LATIN: Final = re.compile(r"(\+?[0-9A-Za-z][^\s«»“”؛،,()]*[^\s«»“”؛،,().:;!?])")
"""A phone, an address, a page, a key: what begins in Latin, up to the space."""
_PERSIAN: Final = re.compile(
    r"((?<![^\s«»“”؛،,()])\+?[0-9A-Za-z](?=[^\s«»“”؛،,()\u0600-\u06ff]*+[\u0600-\u06ff])"
    r"[^\s«»“”؛،,()]*[^\s«»“”؛،,().:;!?]"
    r"|[\u0600-\u06ff](?:[\u0600-\u06ff\u200c\u200d ]*[\u0600-\u06ff])?)"
)
"""In English: an address with Persian in it, or the words of a name or a title together.
Looked for at the beginning of a word only: what a visitor types must not cost its square.
"""
_VOCABULARY: Final = {
    "stages": words.STAGES,
    "temperatures": words.TEMPERATURES,
    "states": words.LEAD_STATES,
    "kinds": words.KINDS,
    "messages": words.MESSAGES,
    "message_states": words.MESSAGE_STATES,
}


def versions() -> dict[str, str]:
    """A short digest of each static file, so that a browser may keep it for ever."""
    return {
        file.relative_to(STATIC).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        for file in STATIC.rglob("*")
        if file.is_file()
    }


class Drawing:
    """The templates, read once."""

    def __init__(self) -> None:
        self._versions = versions()
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters["telephone"] = telephone
        self._templates.filters["isolated"] = _isolated
        self._templates.filters["mailto"] = mailto
        self._templates.filters["answers"] = answers
        self._templates.filters["readable"] = readable
        self._templates.filters["beginning"] = beginning
        self._templates.filters["origins"] = origins
        self._templates.globals["static"] = self._static

    def _static(self, name: str) -> str:
        return f"/static/{name}?v={self._versions[name]}"

    def page(
        self,
        request: Request,
        template: str,
        content: Configuration,
        *,
        status: int = 200,
        who: Staff | None = None,
        **given: Any,
    ) -> HTMLResponse:
        """The template in the reader's language, with the configuration's names at hand."""
        language = of_person(request, content.organisation.languages)
        text = self._templates.get_template(template).render(
            **_surroundings(request, content, language), who=who, **given
        )
        response = HTMLResponse(text, status, {"Content-Language": language})
        if request.query_params.get("lang") == language:
            response.set_cookie(COOKIE, language, max_age=31_536_000, httponly=True, samesite="lax")
        return response


def _surroundings(request: Request, content: Configuration, language: Language) -> dict[str, Any]:
    people = specialists(content)
    teams = {team.key: team.name.of(language) for team in content.teams}
    other = "en" if language == "fa" else "fa"
    query = {name: value for name, value in request.query_params.items() if name != "done"}
    path = f"/{request.url.path.lstrip('/')}"  # two slashes at the beginning lead to another host
    path = path if request.method == "GET" else path.removesuffix("/actions")
    return {
        "language": language,
        "direction": "rtl" if language == "fa" else "ltr",
        "say": Say(language),
        "clock": Clock(content.organisation.time_zone, language, datetime.now(UTC)),
        "organisation": content.organisation.name,
        "people": people,
        "teams": teams,
        "codes": {code.code: code.label or code.code for code in content.qr},
        "other": f"{path}?{urlencode({**query, 'lang': other})}",
        "left_words": _in_language(LEFT, language),
        "path": f"{path}?{urlencode(query)}" if query else path,
        "number": persian if language == "fa" else str,
        **{name: _in_language(said, language) for name, said in _VOCABULARY.items()},
    }


def _in_language(said: Mapping[str, Any], language: Language) -> dict[str, str]:
    return {key: text.of(language) for key, text in said.items()}


def isolated(sentence: str, language: Language) -> Markup:
    """The sentence with what is of the other script kept from turning its words round."""
    parts = (_LATIN if language == "fa" else _PERSIAN).split(sentence)
    return Markup("").join(
        _foreign(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def _foreign(part: str) -> Markup:
    if part[0] < "\u0600":
        return Markup('<bdi dir="ltr">{}</bdi>').format(part)
    return Markup("<bdi>{}</bdi>").format(part)


@jinja2.pass_context
def _isolated(context: jinja2.runtime.Context, sentence: str) -> Markup:
    return isolated(sentence, context["language"])


def telephone(number: str) -> str:
    """An E.164 number in groups, as people read it out."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
