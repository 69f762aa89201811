"""From the file's text to a checked configuration, or to everything that is wrong with it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from libs.common.configuration import checks, document, reading, unbuilt
from libs.common.configuration.mistakes import told
from libs.common.configuration.problems import Invalid, Lines, Problem
from libs.common.configuration.problems import Path as Place
from libs.common.configuration.schema import Configuration

_SECRET: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Loaded(NamedTuple):
    """A valid file."""

    configuration: Configuration
    written: dict[str, Any]
    """As it stands in the file, `${NAME}` unread: what may be stored and shown."""
    digest: str
    warnings: tuple[Problem, ...]


def load_file(path: Path, environment: Mapping[str, str]) -> Loaded:
    """Read, resolve and check the file at `path`. Raises Refusal, or Invalid that names it."""
    try:
        return load(reading.read(path), environment)
    except Invalid as invalid:
        raise Invalid(invalid.problems, str(path)) from None


def load(text: str, environment: Mapping[str, str]) -> Loaded:
    """Read, resolve and check a file. Raises Invalid with all that is wrong."""
    written, lines = document.read(text)
    missing = [
        lines.problem(
            path, f"متغیر محیطی {name} تنظیم نشده", f"{name} is not set in the environment"
        )
        for path, name in _unset(written, environment)
    ]
    missing += _odd(written, environment, lines)
    try:
        configuration = parse(written, environment)
    except ValidationError as error:
        raise Invalid(
            [*missing, *told(error, written, lines)]
        ) from None  # the cause quotes values, which may be secrets
    wrong = [*missing, *checks.errors(configuration, lines)]
    if wrong:
        raise Invalid(wrong)
    warnings = (*checks.warnings(configuration, lines), *unbuilt.warnings(written, lines))
    return Loaded(configuration, written, digest_of(written), warnings)


def parse(written: Mapping[str, Any], environment: Mapping[str, str]) -> Configuration:
    """The schema's values, by the names of the file only. Raises pydantic's ValidationError."""
    return Configuration.model_validate(resolve(written, environment), by_alias=True, by_name=False)


def resolve(written: Any, environment: Mapping[str, str]) -> Any:
    """The same values with each `${NAME}` read; one that is not set stays as it stands."""
    if isinstance(written, Mapping):
        return {name: resolve(value, environment) for name, value in written.items()}
    if isinstance(written, list):
        return [resolve(value, environment) for value in written]
    if isinstance(written, str):
        return _SECRET.sub(lambda found: environment.get(found[1]) or found[0], written)
    return written


def unset(written: Any, environment: Mapping[str, str]) -> list[str]:
    """The names that `written` asks for and the environment does not have."""
    return [name for _path, name in _unset(written, environment)]


def digest_of(written: Mapping[str, Any]) -> str:
    """The same for the same content, whatever the comments and the layout."""
    text = json.dumps(written, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _odd(written: Any, environment: Mapping[str, str], lines: Lines) -> Iterator[Problem]:
    """Values of the environment that are no text, which no header and no form could carry."""
    for path, name in _named(written):
        if document.is_odd(environment.get(name, "")):
            yield lines.problem(
                path,
                f"مقدار {name} نویسه‌ای دارد که متن نیست",
                f"the value of {name} holds a character that is no text",
            )


def _unset(written: Any, environment: Mapping[str, str]) -> Iterator[tuple[Place, str]]:
    return (found for found in _named(written) if not environment.get(found[1]))


def _named(written: Any, path: Place = ()) -> Iterator[tuple[Place, str]]:
    """Where the file names what the environment has."""
    if isinstance(written, dict):
        for name, value in written.items():
            yield from _named(value, (*path, name))
    elif isinstance(written, list):
        for place, value in enumerate(written):
            yield from _named(value, (*path, place))
    elif isinstance(written, str):
        for name in _SECRET.findall(written):
            yield path, name
