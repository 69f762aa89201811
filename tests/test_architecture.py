"""The house rules that a machine can check, over every file that is kept."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = ("capture", "enrichment", "scoring", "routing", "desk")
IO = {
    "aiokafka", "asyncio", "asyncpg", "fastapi", "httpx", "os", "pathlib", "random", "secrets",
    "socket", "sqlalchemy", "structlog", "subprocess", "threading", "time", "uvicorn",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "uuid4", "uuid7", "monotonic", "perf_counter"}
RULES = (
    "libs/common/configuration/checks.py",
    "libs/common/configuration/document.py",
    "libs/common/configuration/fading.py",
    "libs/common/configuration/schema.py",
    "libs/common/configuration/values.py",
    "libs/common/fading.py",
    "libs/common/normal/page.py",
    "libs/common/normal/text.py",
    "services/enrichment/normalise.py",
    "services/enrichment/steps/*.py",
    "services/scoring/score.py",
    "services/scoring/rules/*.py",
    "services/routing/acting/*.py",
    "services/routing/choosing/*.py",
    "services/routing/leads/*.py",
    "services/routing/messages/*.py",
    "services/desk/reading/*.py",
    "services/capture/reading/*.py",
    "services/capture/fetching/*.py",
    "services/capture/reconciling/*.py",
    "services/capture/replies/reply.py",
    "services/capture/sources/*.py",
)
"""Rules: values in, value out. The clock and randomness are arguments."""
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}
LONGEST_FILE = 300
LONGEST_FUNCTION = 60
PRIVATE_TO_A_MACHINE = re.compile(
    r"(?<![\w.-])/(?:root|home/\w+|work|Users)/[\w.-]+|"
    r"(?:[p]ypi\.org|files\.[p]ythonhosted\.org|registry\.[n]pmjs\.org|[r]epo1\.maven\.org|"
    r"[p]roxy\.golang\.org)|--(?:extra-)?index-url"
)


def _kept() -> list[Path]:
    """Files that are in the repository, or about to be (also before their first commit)."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return sorted(ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file())


KEPT = _kept()
PYTHON = [path for path in KEPT if path.suffix == ".py"]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _of(*folders: str) -> list[Path]:
    return [path for path in PYTHON if _name(path).startswith(folders)]


@cache
def _imports(path: Path) -> tuple[str, ...]:
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _calls(path: Path) -> Iterator[str]:
    """Names that are called, with what they are called on: `text`, `op.execute`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("service", SERVICES)
def test_services_never_import_each_other(service: str) -> None:
    others = tuple(f"services.{other}" for other in SERVICES if other != service)
    wrong = [
        (_name(path), name)
        for path in _of(f"services/{service}/")
        for name in _imports(path)
        if name.startswith(others)
    ]
    assert wrong == []


def test_libraries_never_import_services() -> None:
    wrong = [
        (_name(path), name)
        for path in _of("libs/")
        for name in _imports(path)
        if name.split(".")[0] in ("services", "tests", "deploy")
    ]
    assert wrong == []


def test_no_files_import_each_other_in_a_circle() -> None:
    modules = {_module(path): path for path in _of("libs/", "services/")}
    imported = {
        name: {found for found in _imports(path) if found in modules and found != name}
        for name, path in modules.items()
    }
    for found in imported.values():  # `from package import module` is an import of the module
        found -= {one for one in found if any(other.startswith(f"{one}.") for other in found)}
    TopologicalSorter(imported).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("service", SERVICES)
def test_no_folders_of_a_service_import_each_other_in_a_circle(service: str) -> None:
    imported: dict[str, set[str]] = {}
    folders = {_module(path): _folder(path) for path in _of(f"services/{service}/")}
    for path in _of(f"services/{service}/"):
        found = {folders[name] for name in _imports(path) if name in folders}
        imported.setdefault(_folder(path), set()).update(found - {_folder(path)})
    TopologicalSorter(imported).prepare()


def _folder(path: Path) -> str:
    """The part of a service that a file is in; a file beside such folders is a part itself."""
    place = path.parent if path.parent.name not in {*SERVICES, "web"} else path
    return _module(place if path.name != "__init__.py" else path)


def _module(path: Path) -> str:
    return _name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def test_kafka_s_client_is_known_to_one_file() -> None:
    users = {
        _name(path)
        for path in _of("libs/", "services/")
        for name in _imports(path)
        if name.split(".")[0] == "aiokafka"
    }
    assert users == {"libs/common/log/kafka/client.py"}


def test_sql_of_a_service_is_in_its_store_and_migrations() -> None:
    wrong = [
        _name(path)
        for path in _of(*(f"services/{name}/" for name in SERVICES))
        if {"store", "store.py", "migrations"}.isdisjoint(path.relative_to(ROOT).parts)
        and ({"text", "op.execute"} & set(_calls(path)))
        and any(name.startswith(("libs.common.database", "alembic")) for name in _imports(path))
    ]
    assert wrong == []


def test_rules_touch_nothing_outside_their_arguments() -> None:
    files = [path for pattern in RULES for path in sorted(ROOT.glob(pattern))]
    wrong = [(_name(path), name) for path in files for name in set(_imports(path)) if _io(name)]
    wrong += [
        (_name(path), call)
        for path in files
        for call in _calls(path)
        if call.rpartition(".")[2] in CLOCKS
    ]
    assert wrong == []


def _io(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in IO


@pytest.mark.parametrize("pattern", RULES)
def test_every_rule_file_that_is_named_exists(pattern: str) -> None:
    assert list(ROOT.glob(pattern))


def test_files_are_short() -> None:
    long = [
        (_name(path), lines)
        for path in PYTHON
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    ]
    assert long == []


def test_functions_are_short() -> None:
    long = [
        (_name(path), node.name)
        for path in _of("libs/", "services/", "deploy/")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_names_say_what_is_in_a_file() -> None:
    wrong = [_name(path) for path in PYTHON if path.stem in NAMES_THAT_SAY_NOTHING]
    assert wrong == []


def test_nothing_is_of_one_machine() -> None:
    wrong = [
        (_name(path), found[0])
        for path in KEPT
        if path != Path(__file__)
        if (found := PRIVATE_TO_A_MACHINE.search(path.read_text(encoding="utf-8", errors="ignore")))
    ]
    assert wrong == []
