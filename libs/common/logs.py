"""Log lines: JSON in a pipe, readable on a terminal; never a secret and never contact data."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, Final

import structlog

_PRIVATE: Final = re.compile(
    r"phone|mobile|e-?mail|(^|_)name$|contact|handle|company|message|address|(^|_)ip$|body|raw|"
    r"token|secret|password|authorization|cookie|signature|api_?key",
    re.IGNORECASE,
)
_FRAMES: Final = 12
"""The innermost are the ones that tell."""
_QUOTES_NOTHING: Final = (OSError, ImportError, AttributeError, NameError)
_HIDDEN: Final = "[hidden]"
_IN_PATH: Final = re.compile(r"(/v1/webhooks/[^/\s]+/[^/\s?]+/|/a/|/bot(?=\d+:))[^/\s?]+")
_IN_URL: Final = re.compile(r"(://[^/\s:@]*:)[^@/\s]+(@)")
_IN_QUERY: Final = re.compile(
    r"([?&][\w.-]*(?:token|secret|key|phone|mobile|tel|email)[\w.-]*=)[^&\s]+", re.IGNORECASE
)
_MAIL: Final = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_DAY: Final = (
    r"(?:1[34]|19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])(?![-0-9۰-۹٠-٩])"
)
_NUMBER: Final = re.compile(
    rf"(?<![\w.:-])(?!{_DAY})\+?[0-9۰-۹٠-٩][0-9۰-۹٠-٩ -]{{8,16}}[0-9۰-۹٠-٩](?![\w:-])"
)
"""What may be a phone; a day of the calendar is none."""
_IN_OUR_WORDS: Final = {"python_multipart": "a form cannot be read"}
"""By the library's top package."""
_BY_ID: Final = frozenset({"timestamp", "level", "event", "logger"})


def configure(level: str) -> None:
    """Set up logging for this process, the libraries' included. Lines go to standard error."""
    chosen = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    pretty = sys.stderr.isatty()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        tell_failure,
        hide,
    ]
    last: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer()
        if pretty
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(chosen),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[reword, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(level=max(chosen, logging.WARNING), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)


def reword(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Our own words for what a library says of a stranger's bytes: its own may quote them."""
    record = line.get("_record")
    library = record.name.partition(".")[0] if isinstance(record, logging.LogRecord) else ""
    line["event"] = _IN_OUR_WORDS.get(library, line.get("event"))
    return line


def tell_failure(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """An exception as its types and places: a message may quote what somebody typed."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        line["failure"] = list(_told(error))
    return line


def _told(error: BaseException) -> Iterator[str]:
    ours = isinstance(error, _QUOTES_NOTHING) or type(error).__module__.startswith(
        ("libs.", "services.")
    )
    yield f"{type(error).__name__}: {error}" if ours else type(error).__name__
    for frame in traceback.extract_tb(error.__traceback__)[-_FRAMES:]:
        yield f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _told(each)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield "caused by"
        yield from _told(cause)


def hide(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop values under private names, and mask what looks private inside any text."""
    for name in list(line):
        if name not in _BY_ID and _PRIVATE.search(name):
            line[name] = _HIDDEN
        elif name != "timestamp":
            line[name] = _masked(line[name])
    return line


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        for pattern in (_IN_PATH, _IN_QUERY):
            value = pattern.sub(rf"\g<1>{_HIDDEN}", value)
        value = _IN_URL.sub(rf"\g<1>{_HIDDEN}\g<2>", value)
        return _NUMBER.sub(_HIDDEN, _MAIL.sub(_HIDDEN, value))
    if isinstance(value, dict):
        return {
            key: _HIDDEN if _PRIVATE.search(str(key)) else _masked(each)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    return value
