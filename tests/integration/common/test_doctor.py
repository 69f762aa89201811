"""`sarnakh doctor`, by breaking one thing after the other."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from libs.common import topics
from libs.common.database.looking import Server
from libs.common.settings import Settings
from services.commands.doctor import disk, firm, machine, network, servers
from services.commands.doctor.finding import Finding
from tests.ports import free_port

ROOT = Path(__file__).parents[3]
CONFIGURATION = """
teams: [{key: t, name: T, specialists: [{key: s, name: S, notify: [{channel: %s, to: "%s"}]}]}]
routing: {fallback: t}
channels:
  email: {url: "smtp://%s:%s@127.0.0.1:%d", from: "a@nil.example"}
  telegram: {token: "%s", api_url: "http://127.0.0.1:%d"}
"""
SECRET = "12345:the-bot-token"


def configured(folder: Path, channel: str = "console", port: int = 1, name: str = "u") -> Settings:
    """Settings whose configuration tells people by `channel`, found at `port`."""
    path = folder / "sarnakh.yaml"
    to = "sara@nil.example" if channel == "email" else "12345"
    path.write_text(CONFIGURATION % (channel, to, name, "password", port, SECRET, port), "utf-8")
    return Settings(config=path, data_dir=folder / "data")


def verdicts(findings: Sequence[Finding]) -> dict[str, str]:
    return {finding.about: finding.verdict for finding in findings}


def names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


def test_what_can_be_judged_at_once() -> None:
    assert machine.of_version((3, 10)).verdict == "fail"
    assert machine.of_version((3, 11)).verdict == "ok"
    assert machine.of_module("httptools").verdict == "ok"
    assert machine.of_module("no_such_module").verdict == "fail"
    assert machine.of_zones(["Asia/Tehran"]).verdict == "ok"
    assert machine.of_zones(["Asia/Nowhere"]).verdict == "fail"
    assert [machine.of_open_files(n).verdict for n in (256, 2048, 65536)] == ["fail", "warn", "ok"]
    assert [disk.of_room(n * 1024**2).verdict for n in (100, 1024, 9999)] == ["fail", "warn", "ok"]
    assert disk.of_syncs([0.1, 0.2, 90.0]).verdict == "ok"
    assert disk.of_syncs([30.0, 31.0, 32.0]).verdict == "warn"


async def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    closed = await disk.data_folder(Settings(data_dir=tmp_path / "file" / "data"))
    assert verdicts(closed) == {"data folder": "fail"}
    fine = await disk.data_folder(Settings(data_dir=tmp_path / "not" / "yet"))
    assert verdicts(fine)["data folder"] == "ok"
    assert names(tmp_path) == ["file"], "nothing is left behind"


async def test_a_port_that_another_program_has(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = await network.ports(
            Settings(data_dir=tmp_path, capture_port=port, desk_port=free_port())
        )
    assert verdicts(found) == {"capture port": "fail", "desk port": "ok"}
    assert found[0].advice is not None
    assert "SARNAKH_CAPTURE_PORT" in found[0].advice.fa


async def test_a_port_that_sarnakh_has_is_no_fault(tmp_path: Path) -> None:
    async with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nsarnakh_x 1") as port:
        found = await network.ports(
            Settings(data_dir=tmp_path, capture_port=port, desk_port=free_port())
        )
    assert verdicts(found)["capture port"] == "ok"


@pytest.mark.parametrize(
    ("url", "verdict"),
    [
        ("", "ok"),
        ("https://localhost", "ok"),
        ("http://localhost", "warn"),
        ("https://nowhere.invalid", "fail"),
        ("leads.nil.example", "fail"),
    ],
)
async def test_the_public_address(url: str, verdict: str) -> None:
    (found,) = await network.public_url(Settings(public_url=url))
    assert found.verdict == verdict


async def test_a_token_that_others_may_read(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert verdicts(await network.token(settings)) == {"desk token": "ok"}
    (tmp_path / "api-token").write_text("secret-token")
    (tmp_path / "api-token").chmod(0o644)
    (found,) = await network.token(settings)
    assert found.verdict == "fail"
    assert "secret-token" not in str(found)
    (tmp_path / "api-token").chmod(0o600)
    assert verdicts(await network.token(settings)) == {"desk token": "ok"}


async def test_a_configuration_that_is_wrong(tmp_path: Path) -> None:
    settings = configured(tmp_path)
    assert verdicts(await firm.configuration(settings))["configuration"] in ("ok", "warn")
    path = tmp_path / "sarnakh.yaml"
    path.write_text(path.read_text("utf-8").replace('"12345"', '"${NOT_SET_ANYWHERE}"'), "utf-8")
    (found,) = await firm.configuration(settings)
    assert found.verdict == "fail"
    assert "NOT_SET_ANYWHERE" in found.seen.fa
    assert "line 2" in found.seen.en
    path.unlink()
    (found,) = await firm.configuration(settings)
    assert found.verdict == "fail"


async def test_a_postgres_that_is_named(database_url: str) -> None:
    found = verdicts(await servers.postgres(Settings(database_url=database_url)))
    assert found["postgres"] == found["clock"] == "ok"
    host = database_url.rpartition("@")[2]
    for wrong in (
        f"postgresql://sarnakh:bad-password@{host}",
        "postgresql://sarnakh:bad-password@127.0.0.1:1/x",
        "postgresql://[",
    ):
        (failed,) = await servers.postgres(Settings(database_url=wrong))
        assert failed.verdict == "fail"
        assert "bad-password" not in str(failed)


def test_a_postgres_that_is_old_closed_or_late() -> None:
    now = datetime.now(UTC)
    well = Server(180006, now, may_create=True, standby=False, connections=200, encoding="UTF8")

    def judged(**change: object) -> dict[str, str]:
        return verdicts(servers.of_server(well._replace(**change), now))  # type: ignore[arg-type]  # each of its field's type

    assert judged() == {"postgres": "ok", "clock": "ok"}
    assert judged(version=140010)["postgres"] == "fail"
    assert judged(version=160002)["postgres"] == "warn"
    assert judged(may_create=False)["postgres rights"] == "fail"
    assert judged(standby=True)["postgres rights"] == "fail"
    assert judged(encoding="SQL_ASCII")["postgres encoding"] == "fail"
    assert judged(connections=100)["postgres connections"] == "warn"
    assert judged(now=now - timedelta(minutes=1))["clock"] == "warn"


async def test_the_embedded_postgres_is_tried_without_a_trace(open_folder: Path) -> None:
    found = verdicts(await servers.postgres(Settings(data_dir=open_folder / "data")))
    assert found["postgres"] == "ok"
    assert names(open_folder) == []


async def test_a_kafka_that_is_away() -> None:
    (found,) = await servers.kafka(Settings(kafka_bootstrap_servers="127.0.0.1:1"))
    assert found.verdict == "fail"
    (found,) = await servers.kafka(Settings(kafka_bootstrap_servers="no port"))
    assert found.verdict == "fail"


async def test_a_kafka_whose_topics_are_not_ours(kafka_bootstrap: str) -> None:
    prefix = f"t{uuid.uuid4().hex[:8]}."
    settings = Settings(kafka_bootstrap_servers=kafka_bootstrap, topic_prefix=prefix)
    assert verdicts(await servers.kafka(settings)) == {"kafka": "ok"}
    short = {"retention.ms": str(3600 * 1000)}
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_bootstrap)
    await admin.start()
    try:
        await admin.create_topics(
            [
                NewTopic(prefix + topics.CAPTURED, 3, 1),
                NewTopic(prefix + topics.SCORED, topics.PARTITIONS, 1, topic_configs=short),
            ]
        )
        async with asyncio.timeout(30):
            while len(found := verdicts(await servers.kafka(settings))) < 3:  # noqa: ASYNC110 - a cluster tells nobody
                await asyncio.sleep(0.1)
    finally:
        await admin.close()
    assert found == {"kafka": "ok", topics.CAPTURED: "fail", topics.SCORED: "warn"}


@pytest.mark.parametrize(("status", "verdict"), [("200 OK", "ok"), ("401 No", "fail")])
async def test_a_bot_is_asked_who_it_is(tmp_path: Path, status: str, verdict: str) -> None:
    said = f"HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\n{{}}".encode()
    async with answering(said) as port:
        (found,) = await firm.channels(configured(tmp_path, "telegram", port))
    assert found.verdict == verdict
    (gone,) = await firm.channels(configured(tmp_path, "telegram", port))
    assert gone.verdict == "fail"
    assert SECRET not in f"{found}{gone}"


async def test_a_mail_server_is_greeted_and_nothing_is_sent(tmp_path: Path) -> None:
    heard: list[str] = []

    async def smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().split():
            heard.append(line[0].upper())
            answer = {"EHLO": "250-here\r\n250 AUTH PLAIN", "QUIT": "221 bye"}.get(heard[-1])
            if heard[-1] == "AUTH":
                known = b"wrong" not in base64.b64decode(line[2])
                answer = "235 welcome" if known else "535 who?"
            writer.write(f"{answer or '250 ok'}\r\n".encode())
        writer.close()

    async with serving(smtp) as port:
        (found,) = await firm.channels(configured(tmp_path, "email", port))
        (refused,) = await firm.channels(configured(tmp_path, "email", port, name="wrong"))
    assert (found.verdict, refused.verdict) == ("ok", "fail")
    assert "EHLO" in heard
    assert not {"MAIL", "RCPT", "DATA"} & set(heard)
    (away,) = await firm.channels(configured(tmp_path, "email", port))
    assert away.verdict == "fail"
    assert "password" not in f"{found}{refused.seen}{away}"


@pytest.mark.parametrize(("locale", "words"), [("fa_IR.UTF-8", "درگاه"), ("C.UTF-8", "port")])
def test_says_it_in_both_languages_and_by_its_exit_status(
    tmp_path: Path, locale: str, words: str
) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": locale,
        "PYTHONUTF8": "1",
        "COLUMNS": "200",
        "SARNAKH_DATA_DIR": str(tmp_path / "data"),
        "SARNAKH_DATABASE_URL": "postgresql://x:y@127.0.0.1:1/z",
        "SARNAKH_CAPTURE_PORT": str(free_port()),
        "SARNAKH_DESK_PORT": str(free_port()),
    }
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["SARNAKH_DESK_PORT"])))
        taken.listen()
        asked = [sys.executable, "-m", "services", "doctor"]
        shown = subprocess.run(
            [*asked] if locale.startswith("fa") else [*asked, "--json"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert shown.returncode == 1
    assert words in shown.stdout
    if "--json" in shown.args:
        found = {each["about"]: each for each in json.loads(shown.stdout)}
        assert found["postgres"]["verdict"] == found["desk port"]["verdict"] == "fail"
        assert found["postgres"]["advice"]["fa"]
        assert found["python"]["verdict"] == "ok"


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    """A server of the outside world; its port."""
    server = await asyncio.start_server(handler, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[int]:
    """A server that gives every request the same answer."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with serving(handle) as port:
        yield port
