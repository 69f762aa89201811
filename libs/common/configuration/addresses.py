"""Web addresses that an operator writes: which cannot be called, which are called in the open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from libs.common.configuration.problems import Path
from libs.common.configuration.schema import Configuration

Found = Iterator[tuple[Path, str, str]]

_NO_ADDRESS: Final = (
    "نشانی وب درستی نیست، مثل https://nil.example",
    "is no web address, as in https://nil.example",
)
_WEB: Final = ("https", "http")


def errors(configuration: Configuration) -> Found:
    """What nothing could be sent to."""
    for path, url in (*_called(configuration), *_told(configuration)):
        if not _is_web(url):
            yield path, *_NO_ADDRESS
    for i, site in enumerate(configuration.sites):
        for j, form in enumerate(site.forms):
            if form.thank_you and not _is_link(form.thank_you):
                yield ("sites", i, "forms", j, "thank_you"), *_NO_ADDRESS


def warnings(configuration: Configuration) -> Found:
    """What is sent where others can read it."""
    for path, url in (*_called(configuration), *_told(configuration)):
        if url.lower().startswith("http://"):
            yield (
                path,
                "با http ساده می‌رود و در راه خواندنی است",
                "goes by plain http and can be read on its way",
            )


def _called(configuration: Configuration) -> Iterator[tuple[Path, str]]:
    """Programs that we call."""
    for i, source in enumerate(configuration.sources):
        if source.api_url:
            yield ("sources", i, "api_url"), source.api_url
    for name, channel in configuration.channels.items():
        if channel.api_url:
            yield ("channels", name, "api_url"), channel.api_url
        if channel.url and name != "email":
            yield ("channels", name, "url"), channel.url


def _told(configuration: Configuration) -> Iterator[tuple[Path, str]]:
    """Programs that are told of leads."""
    for i, team in enumerate(configuration.teams):
        for j, each in enumerate(team.specialists):
            for k, route in enumerate(each.notify):
                if route.channel == "webhook" and route.to:
                    yield ("teams", i, "specialists", j, "notify", k, "to"), route.to


def _is_web(url: str) -> bool:
    """Whether it can be called, or is a secret of the environment that is not there to be read."""
    if "${" in url:
        return True
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in _WEB
            and bool(parts.hostname)
            and parts.port != 0
            and not any(each.isspace() for each in url)
        )
    except ValueError:
        return False


def _is_link(url: str) -> bool:
    """Whether a browser can be sent there: a web address, or a page of the same site."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return False
    return _is_web(url) if scheme else True
