"""What is installed is what the lock says, the bill names all of it, and nothing known is bad."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.audit import SERIOUS, Known, Waiver, found, read
from deploy.sbom import LOCK, ROOT, Pinned, bill, pinned

TODAY = date(2026, 11, 22)
BARE = re.compile(r"(?m)^[A-Za-z0-9._-]+==")


@pytest.fixture(scope="module")
def lock() -> str:
    return LOCK.read_text(encoding="utf-8")


def here(lock: str) -> dict[str, Pinned]:
    """What of the lock belongs on this machine, by its name."""
    return {
        canonicalize_name(one.name): one
        for one in pinned(lock)
        if not one.marker or Marker(one.marker).evaluate()
    }


def needed(names: Iterator[Requirement]) -> set[str]:
    """The distributions that these need here, and what those need, to the end."""
    seen: set[tuple[str, str]] = set()
    waiting = [(one, "") for one in names]
    while waiting:
        one, extra = waiting.pop()
        if one.marker and not one.marker.evaluate({"extra": extra}):
            continue
        for wanted in ("", *one.extras):
            key = (canonicalize_name(one.name), wanted)
            if key not in seen:
                seen.add(key)
                texts = importlib.metadata.requires(one.name) or []
                waiting += [(Requirement(text), wanted) for text in texts]
    return {name for name, _extra in seen}


def wanted_by_us() -> Iterator[Requirement]:
    for line in (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "-")):
            yield Requirement(line)


def test_invariant_30_every_distribution_is_pinned_with_the_hashes_of_its_files(lock: str) -> None:
    found_pins = list(pinned(lock))
    assert len(found_pins) == len(BARE.findall(lock)) > 40
    assert [one.name for one in found_pins if not one.hashes] == []


def test_invariant_30_the_lock_is_the_tree_that_is_installed(lock: str) -> None:
    pins = here(lock)
    installed = {name: importlib.metadata.version(name) for name in pins}
    assert installed == {name: one.version for name, one in pins.items()}
    assert needed(wanted_by_us()) <= pins.keys(), "needed, and not pinned"


@pytest.mark.parametrize("path", ["Makefile", "deploy/Dockerfile"])
def test_invariant_30_nothing_is_installed_but_by_its_hash(path: str) -> None:
    """Each `-r` of a lock asks for hashes; our own package comes without dependencies."""
    text = (ROOT / path).read_text(encoding="utf-8").replace("\\\n", " ")
    commands = re.split(r"\n|&&", text)
    installs = [line for line in commands if re.search(r"(?i)pip\b.* install ", line)]
    assert installs
    for line in installs:
        is_lock, is_own = "--require-hashes" in line, "--no-deps" in line
        is_linter = "hadolint" in line  # fetched only where it can be, and in no product
        assert is_lock or is_own or is_linter, line


def test_invariant_30_the_bill_names_every_distribution_with_its_hashes(lock: str) -> None:
    made = json.loads(bill(lock, "sarnakh", "1"))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    named = {
        part["purl"]: {each["content"] for each in part["hashes"]} for part in made["components"]
    }
    assert named == {f"pkg:pypi/{one.name}@{one.version}": set(one.hashes) for one in pinned(lock)}
    again = json.loads(bill(lock, "sarnakh", "1"))
    assert again["serialNumber"] == made["serialNumber"]


def test_invariant_30_the_bill_is_made_by_one_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.sbom"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["metadata"]["component"]["name"] == "sarnakh"


def test_invariant_30_nothing_pinned_is_known_to_be_of_high_risk(lock: str) -> None:
    assert [one.id for one in found(lock, read(), TODAY) if one.severity in SERIOUS] == []


def test_invariant_30_what_is_known_is_found_until_it_is_waived(lock: str) -> None:
    known = read()
    old = re.sub(r"(?m)^starlette==\S+", "starlette==0.45.0", lock)
    old_ids = {one.id for one in found(old, known, TODAY)}
    assert "CVE-2026-54283" in old_ids
    waiver = Waiver("CVE-2026-54283", "forms are read by our own reader", TODAY)
    waived = Known(known.taken, known.how, (waiver,), known.advisories)
    assert {one.id for one in found(old, waived, TODAY)} == old_ids - {waiver.id}
    assert {one.id for one in found(old, waived, TODAY + timedelta(days=1))} == old_ids


def test_invariant_30_the_list_tells_of_what_we_pin(lock: str) -> None:
    """An advisory of something else would never be looked at: the list would only look long."""
    names = {canonicalize_name(one.name) for one in pinned(lock)}
    assert {canonicalize_name(one.name) for one in read().advisories} <= names
    assert Path(ROOT / "deploy/advisories.json").is_file()
