"""What the product is made of, as a CycloneDX bill of materials: `python -m deploy.sbom`.

Read from the lock alone, so that the same lock gives the same bill on any machine.
"""

from __future__ import annotations

import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

ROOT: Final = Path(__file__).parents[1]
LOCK: Final = ROOT / "requirements.lock"
_PIN: Final = re.compile(r"(?m)^([A-Za-z0-9._-]+)==([^\s;]+)(?:\s*;\s*([^\\\n]*))?((?:.*\\\n)*.*)$")
_HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Pinned(NamedTuple):
    """One distribution of the lock."""

    name: str
    version: str
    marker: str
    """Where it is installed; empty for everywhere."""
    hashes: tuple[str, ...]
    """SHA-256 of each file that may be installed for it."""


def pinned(lock: str) -> Iterator[Pinned]:
    """The distributions that a lock pins, in its order."""
    for found in _PIN.finditer(lock):
        name, version, marker, rest = found.groups()
        yield Pinned(name, version, (marker or "").strip(), tuple(_HASH.findall(rest)))


def bill(lock: str, name: str, version: str) -> str:
    """The bill as JSON; its number follows from the lock."""
    whole = Component(name=name, version=version, type=ComponentType.APPLICATION)
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_OID, lock))
    bom.metadata.component = whole
    parts = [_component(one) for one in pinned(lock)]
    for part in parts:
        bom.components.add(part)
    bom.register_dependency(whole, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2)


def _component(one: Pinned) -> Component:
    url = PackageURL("pypi", name=one.name, version=one.version)
    return Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        bom_ref=str(url),
        purl=url,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in one.hashes],
    )


def main() -> None:
    """Print the bill of this tree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    sys.stdout.write(bill(LOCK.read_text("utf-8"), project["name"], project["version"]) + "\n")


if __name__ == "__main__":
    main()
