"""What the pages say around the data, in both languages; a phrase that is missing fails loudly."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text
from services.desk.web.phrases import (
    add,
    board,
    codes,
    door,
    errors,
    health,
    held,
    imports,
    inbox,
    lead,
    letters,
    link,
    shell,
    sources,
)
from services.desk.web.phrases import (
    map as page_map,
)

PAGES: Final = (
    shell,
    inbox,
    lead,
    add,
    imports,
    board,
    page_map,
    codes,
    health,
    sources,
    held,
    letters,
    link,
    door,
    errors,
)
"""One file for each page; a phrase stands in one of them only."""

PHRASES: Final[dict[str, Text]] = {
    name: text for page in PAGES for name, text in page.PHRASES.items()
}


class Say:
    """The phrases of one language, as `say.inbox` in a template."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __getattr__(self, name: str) -> str:
        """The phrase. Raises AttributeError for one that nobody wrote."""
        try:
            return PHRASES[name].of(self._language)
        except KeyError:
            raise AttributeError(name) from None

    def get(self, name: str) -> str | None:
        """The phrase, if somebody wrote it: for words that come with the data."""
        return PHRASES[name].of(self._language) if name in PHRASES else None

    __getitem__ = __getattr__
