"""Fetches the broker's jars once, into a cache folder outside the tree."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

VERSION: Final = "4.3.1"
"""Of Apache Kafka, as in pom.xml; a new version gets a folder of its own."""

_POM: Final = Path(__file__).with_name("pom.xml")


class KafkaUnavailable(Exception):
    """No broker can be started here; the text is one sentence that says what is missing."""


def cache_folder() -> Path:
    """Where the jars are kept between runs (XDG base directories)."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root) / "sarnakh" / f"kafka-{VERSION}"


def java() -> str:
    """The Java that runs the broker. Raises KafkaUnavailable where there is none."""
    found = shutil.which("java")
    if found is None:
        raise KafkaUnavailable("Java 17 or later is needed to run Apache Kafka: no `java` on PATH")
    return found


def jars() -> Path:
    """The folder with all jars, fetched with Maven if they are not there yet.

    Raises KafkaUnavailable when they are absent and cannot be fetched.
    """
    folder = cache_folder()
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "fetching.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _fetch(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaUnavailable("Maven is needed to fetch Apache Kafka once: no `mvn` on PATH")
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "libs"
        fetched = subprocess.run(  # noqa: S603  the program is found by name, its arguments are ours
            [
                maven,
                *("-q", "-B", "-f", str(_POM)),
                "dependency:copy-dependencies",
                f"-DoutputDirectory={target}",
            ],
            cwd=scratch,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if fetched.returncode or not any(target.glob("kafka_*.jar")):
            said = (fetched.stdout + fetched.stderr).strip().splitlines()[:1]
            raise KafkaUnavailable(f"Maven could not fetch Apache Kafka: {' '.join(said)}")
        target.rename(folder)
