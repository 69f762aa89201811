"""What the running system takes, by its configuration."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from libs.common.building import configuration_path
from libs.common.configuration.load import load_file
from libs.common.configuration.schema import ApiKey, Configuration, Form, Source
from libs.common.refusal import Refusal
from libs.common.settings import Settings
from libs.common.token import api_token

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Firm(NamedTuple):
    """Where the system listens and what it is set up for."""

    configuration: Configuration
    capture: str
    desk: str
    token: str

    @property
    def forms(self) -> tuple[Form, ...]:
        """Of all sites."""
        return tuple(form for site in self.configuration.sites for form in site.forms)

    @property
    def pages(self) -> tuple[str, ...]:
        """Addresses of pages that somebody is responsible for."""
        patterns = (page.pattern for page in self.configuration.routing.pages)
        return tuple("https://" + each.removesuffix("*").rstrip("/") for each in patterns) or (
            "https://nil.example/",
        )

    @property
    def api_key(self) -> ApiKey | None:
        """The first one."""
        return next(iter(self.configuration.api_keys), None)

    def source(self, kind: str) -> Source | None:
        """The first source of a kind."""
        return next((each for each in self.configuration.sources if each.kind == kind), None)

    @property
    def platform(self) -> tuple[str, int] | None:
        """Where Meta's content is fetched from, if that is this machine."""
        meta = self.source("meta")
        parts = urlsplit(meta.api_url or "") if meta else None
        if parts is None or parts.hostname not in _LOOPBACK or not parts.port:
            return None
        return parts.hostname, parts.port

    @property
    def forms_per_minute(self) -> float | None:
        """How many forms a network may post before they are held; None: as many as it likes."""
        text = self.configuration.limits.form_per_network
        if text == "off":
            return None
        count, _, unit = text.partition("/")
        return int(count) * {"s": 60.0, "min": 1.0, "h": 1 / 60}[unit]


def firm(settings: Settings) -> Firm:
    """Read the settings and the file that the running system reads. Raises Refusal."""
    desk = _address(settings.desk_host, settings.desk_port)
    try:
        token = api_token(settings)
    except FileNotFoundError as error:
        raise Refusal(
            "رمز میز کار پیدا نشد؛ اول «make run» را اجرا کنید.",
            "The desk's token is not there; run `make run` first.",
        ) from error
    path = settings.config or _read_by(desk, token) or configuration_path(settings)
    return Firm(
        load_file(path, os.environ).configuration,
        _address(settings.capture_host, settings.capture_port),
        desk,
        token,
    )


def _read_by(desk: str, token: str) -> Path | None:
    """The file that it says it reads, where one is there from here as well."""
    with suppress(httpx.HTTPError, ValueError, LookupError, TypeError):
        answer = httpx.get(
            f"{desk}/api/health", headers={"Authorization": f"Bearer {token}"}, timeout=30
        )
        path = Path(answer.json()["configuration"]["file"])
        return path if path.is_file() else None
    return None


def _address(host: str, port: int) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - recognised, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
