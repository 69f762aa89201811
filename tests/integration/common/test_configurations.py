"""The configuration in force: a row with a version, fed by a file that may change."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from libs.common.configuration import Configurations, Invalid
from libs.common.database import Database
from libs.common.database.statements import text
from libs.common.errors import Retry
from libs.common.refusal import Refusal

_FILE = """
organisation: {name: NAME}
sources: [{key: partner, kind: standard, secret: "${PARTNER_SECRET}"}]
teams: [{key: desk, name: Desk, specialists: [{key: sara, name: Sara}]}]
routing: {fallback: desk}
"""
_SECRETS = {"PARTNER_SECRET": "whsec_dmVyeS1wcml2YXRl"}


def _write(path: Path, name: str) -> None:
    path.write_text(_FILE.replace("NAME", name), encoding="utf-8")


@asynccontextmanager
async def _watched(configurations: Configurations) -> AsyncIterator[None]:
    watch = asyncio.create_task(configurations.watch())
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - a file is watched, nothing else tells of it
            await asyncio.sleep(0.02)


async def test_rule_27_the_same_content_keeps_its_version(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    first = Configurations(path, database, _SECRETS)
    await first.keep()
    path.write_text(f"# a comment\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    second = Configurations(path, database, _SECRETS)
    await second.keep()
    assert (first.from_file().version, second.from_file().version) == (1, 1)
    _write(path, "Two")
    third = Configurations(path, database, _SECRETS)
    await third.keep()
    async with database.transaction() as tx:
        active = await first.in_force(tx)
    assert (active.version, active.content.organisation.name) == (2, "Two")


async def test_rule_27_two_processes_that_see_a_change_give_it_one_version(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    both = [Configurations(path, database, _SECRETS) for _ in range(6)]
    await asyncio.gather(*(each.keep() for each in both))
    async with database.transaction() as tx:
        count = await tx.execute(text("SELECT count(*) FROM common.configurations"))
    assert count.scalar_one() == 1


async def test_secrets_stay_out_of_the_database(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    await Configurations(path, database, _SECRETS).keep()
    async with database.transaction() as tx:
        rows = await tx.execute(text("SELECT content FROM common.configurations"))
        stored = json.dumps([row.content for row in rows])
    assert "${PARTNER_SECRET}" in stored
    assert "dmVyeS1wcml2YXRl" not in stored


async def test_rule_27_a_process_that_did_not_see_the_file_reads_the_row_with_its_own_secrets(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "Old")
    behind = Configurations(path, database, _SECRETS | {"PARTNER_SECRET": "whsec_bWluZQ=="})
    _write(path, "New")
    await Configurations(path, database, _SECRETS).keep()
    async with database.transaction() as tx:
        active = await behind.in_force(tx)
    assert active.content.organisation.name == "New"
    assert active.content.sources[0].secret == ("whsec_bWluZQ==",)


async def test_a_row_whose_secret_is_not_set_holds_the_slice(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    secrets = dict(_SECRETS)
    behind = Configurations(path, database, secrets)
    _write(path, "Two")
    await Configurations(path, database, _SECRETS).keep()
    del secrets["PARTNER_SECRET"]
    with pytest.raises(Retry, match="configuration"):
        async with database.transaction() as tx:
            await behind.in_force(tx)


async def test_a_change_comes_into_force_and_a_bad_one_does_not(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    configurations = Configurations(path, database, _SECRETS)
    async with _watched(configurations):
        await _until(lambda: configurations.from_file().version == 1)
        _write(path, "Two")
        await _until(lambda: configurations.from_file().version == 2)
        path.write_text("teams: []\n", encoding="utf-8")
        await _until(lambda: bool(configurations.refused))
        assert configurations.from_file().content.organisation.name == "Two"
        assert {problem.field for problem in configurations.refused} == {"teams", "routing"}
        path.unlink()
        await _until(lambda: configurations.refused[0].field == "")
        assert configurations.from_file().version == 2
        _write(path, "Three")
        await _until(lambda: configurations.from_file().version == 3)
        assert configurations.refused == ()


async def test_a_file_that_is_being_written_is_no_refused_one(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    clock = _Clock()
    configurations = Configurations(path, database, _SECRETS, clock)
    async with _watched(configurations):
        await _until(lambda: configurations.from_file().version == 1)
        path.write_text("", encoding="utf-8")
        await _until(lambda: clock.asked > 2)  # it was looked at more than once, in no time
        assert not configurations.refused
        assert configurations.from_file().content.organisation.name == "One"
        _write(path, "Two")
        await _until(lambda: configurations.from_file().version == 2)
        path.write_text("teams: []\n", encoding="utf-8")
        seen = clock.asked
        await _until(lambda: clock.asked > seen)
        path.write_text("", encoding="utf-8")
        clock.seconds += 60
        await _until(lambda: bool(configurations.refused))
        assert configurations.refused[0].line == 1


class _Clock:
    """Stands still until it is put on, and knows how often it was asked."""

    seconds = 1000.0
    asked = 0

    def __call__(self) -> float:
        self.asked += 1
        return self.seconds


async def test_it_works_while_the_database_is_away(tmp_path: Path) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    away = Database("postgresql://sarnakh:x@127.0.0.1:1/none")
    configurations = Configurations(path, away, _SECRETS)
    async with _watched(configurations):
        _write(path, "Second")
        await _until(lambda: configurations.from_file().content.organisation.name == "Second")
    assert configurations.from_file().version == 0
    await away.close()


async def test_a_new_database_gets_the_configuration_again(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    configurations = Configurations(path, database, _SECRETS)
    async with _watched(configurations):
        await _until(lambda: configurations.from_file().version == 1)
        async with database.transaction() as tx:
            await tx.execute(text("DELETE FROM common.configurations"))
        async with database.transaction() as tx:
            assert (await configurations.in_force(tx)).version == 0
        await _until(lambda: configurations.from_file().version == 1)


def test_a_bad_file_refuses_to_start(tmp_path: Path) -> None:
    database = Database("postgresql://sarnakh:x@127.0.0.1:1/none")
    with pytest.raises(Refusal, match="cannot be read"):
        Configurations(tmp_path / "absent.yaml", database)
    path = tmp_path / "bad.yaml"
    path.write_text("routing: [\n", encoding="utf-8")
    with pytest.raises(Invalid, match="line 2"):
        Configurations(path, database)
    path.write_text("", encoding="utf-8")
    with pytest.raises(Invalid, match=r"(?s)bad\.yaml is not valid.*line 1"):
        Configurations(path, database)


_ODD: tuple[bytes, ...] = (
    _FILE.replace("NAME", '"a\\0b"').encode(),
    _FILE.replace("NAME", '"\\ud800"').encode(),
    b"[" * 5000,
)


async def test_no_file_stops_the_watch(tmp_path: Path, database: Database) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    configurations = Configurations(path, database, _SECRETS)
    async with _watched(configurations):
        for number, content in enumerate(_ODD, 1):
            path.write_bytes(content)
            await _until(lambda: bool(configurations.refused))
            assert configurations.refused[0].text.fa != configurations.refused[0].text.en
            _write(path, f"Good {number}" + "." * number)
            await _until(lambda: not configurations.refused)
            version = number + 1
            await _until(lambda: configurations.from_file().version == version)  # noqa: B023 - asked at once
        path.unlink()
        path.mkdir()
        await _until(lambda: bool(configurations.refused))
        path.rmdir()
        _write(path, "Last")
        await _until(lambda: configurations.from_file().content.organisation.name == "Last")


async def test_a_bug_of_ours_is_shown_and_the_next_file_is_looked_at(
    tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    configurations = Configurations(path, database, _SECRETS)
    with monkeypatch.context() as broken:
        broken.setattr("libs.common.configuration.load.checks.errors", lambda *_: 1 / 0)
        async with _watched(configurations):
            _write(path, "Second")
            await _until(lambda: bool(configurations.refused))
            assert "ZeroDivisionError" in configurations.refused[0].of("en")
            assert configurations.from_file().content.organisation.name == "One"
            broken.undo()
            _write(path, "The third")
            await _until(lambda: configurations.from_file().content.organisation.name != "One")
            assert configurations.refused == ()


async def test_what_the_database_refuses_is_shown_and_tried_again(
    tmp_path: Path, database: Database
) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    configurations = Configurations(path, database, _SECRETS)
    async with _watched(configurations):
        await _until(lambda: configurations.from_file().version == 1)
        async with database.transaction() as tx:
            await tx.execute(
                text("ALTER TABLE common.configurations ADD CONSTRAINT no CHECK (version < 2)")
            )
        _write(path, "Second")
        await _until(lambda: bool(configurations.refused))
        assert "could not be stored" in configurations.refused[0].of("en")
        path.write_text("teams: []\n", encoding="utf-8")
        await _until(lambda: {each.field for each in configurations.refused} >= {"teams"})
        _write(path, "The third")
        await _until(lambda: "teams" not in {each.field for each in configurations.refused})
        async with database.transaction() as tx:
            await tx.execute(text("ALTER TABLE common.configurations DROP CONSTRAINT no"))
        await _until(lambda: configurations.from_file().version == 2)
        await _until(lambda: configurations.refused == ())


async def test_a_file_made_readable_again_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "sarnakh.yaml"
    _write(path, "One")
    away = Database("postgresql://sarnakh:x@127.0.0.1:1/none")
    configurations = Configurations(path, away, _SECRETS)
    before = path.stat()
    async with _watched(configurations):
        _write(path, "Two")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        await _until(lambda: configurations.from_file().content.organisation.name == "Two")
    await away.close()
