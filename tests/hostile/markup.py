"""Markup as a stranger would type it, and a look at whether any of it became part of a page."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Final

from typing_extensions import override

EVIL: Final = (
    "\"'><x-evil onevil=evil() src=javascript:evil()></x-evil></script></textarea></title>"
    "</svg><img src=x onerror=evil()><!--{{7*7}}${7*7}"
)
_ADDRESSES: Final = ("href", "src", "action", "formaction", "hx-get", "hx-post", "srcdoc", "poster")
_NEVER: Final = frozenset({"x-evil", "base", "iframe", "object", "embed"})


class Page(HTMLParser):
    """The tags of a page, as a browser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    @property
    def links(self) -> list[str]:
        """Where it leads, what it loads, and where its forms go."""
        return [a[name] or "" for _, a in self.tags for name in _ADDRESSES if name in a]


def looked(found: str, where: str) -> Page:
    """The page, whose every tag and address is one of ours; fails otherwise."""
    page = Page(found)
    for tag, attributes in page.tags:
        assert tag not in _NEVER, where
        assert not any(name.startswith("on") for name in attributes), (where, tag, attributes)
        assert "style" not in attributes, (where, tag)
        assert tag != "script" or str(attributes["src"]).startswith("/static/"), where
        assert tag != "img" or attributes.get("src") != "x", where
    for place in page.links:
        ours = (place.startswith("/") and not place.startswith(("//", "/\\"))) or place == ""
        assert ours or place.startswith(("#", "tel:+", "mailto:", "?")), (where, place)
    return page
