"""The configuration as the door looks things up in it, made anew only when it changes."""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple
from urllib.parse import urlsplit

from libs.common.configuration import Active, Configuration
from libs.common.configuration.schema import ApiKey, Form, Site, Source

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


class Place(NamedTuple):
    """A form and the site that it belongs to."""

    site: Site
    form: Form


class Directory:
    """Forms, sources, codes, keys and hosts by what a request names."""

    def __init__(self, active: Active) -> None:
        content = active.content
        self.version = active.version
        self.content = content
        self.forms = {form.key: Place(site, form) for site in content.sites for form in site.forms}
        self.sources = {(source.kind, source.key): source for source in content.sources}
        self.qr = {code.code: code for code in content.qr}
        self.hosts = frozenset(authority(host) for site in content.sites for host in site.hosts)
        self._tokens = [(_digest(key.token.encode()), key) for key in content.api_keys]

    def holder(self, token: bytes) -> ApiKey | None:
        """Whose token it is. Takes as long for a wrong one as for a right one."""
        asked = _digest(token)
        found = None
        for digest, key in self._tokens:
            if hmac.compare_digest(digest, asked):
                found = key
        return found

    def source(self, kind: str, key: str) -> Source | None:
        """The webhook of that kind and key."""
        return self.sources.get((kind, key))


class Directories:
    """Keeps the directory of the configuration in force."""

    def __init__(self) -> None:
        self._of: Configuration | None = None
        self._version = -1
        self._directory: Directory | None = None

    def of(self, active: Active) -> Directory:
        """The directory of that configuration."""
        fresh = self._of is active.content and self._version == active.version
        if self._directory is None or not fresh:
            self._of, self._version = active.content, active.version
            self._directory = Directory(active)
        return self._directory


def authority(text: str) -> str:
    """A host with its port in one form: lower case, no default port, no dot of the root.

    Which of the default ports it is does not matter here: a proxy may end TLS before us.
    """
    name, _, port = text.strip().lower().rpartition(":")
    if not name or not port.isdecimal():
        name, port = text.strip().lower().removesuffix(":"), ""
    name = name.removesuffix(".")
    return name if port in ("", "80", "443") else f"{name}:{port}"


def is_at_home(origin: str, site: Site) -> bool:
    """Whether an Origin is one of the site's: http or https, any port on this machine."""
    try:
        parts = urlsplit(origin)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    named = f"{host}:{port}" if port else host
    hosts = {authority(host) for host in site.hosts}
    return named in hosts or (host in hosts and (port in (None, 80, 443) or host in LOOPBACK))


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
