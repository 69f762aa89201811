"""docker-compose.yml and the image, as far as they can be judged without an engine."""

from __future__ import annotations

import fnmatch
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from deploy import healthy
from libs.common.settings import Settings
from services.commands.signals import ALL_WITHIN
from services.migrations import SERVICES

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "tests" / "fixtures" / "compose" / "compose-spec.json"
OURS = ("migrate", *SERVICES)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as YAML reads it, anchors merged."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return read


@pytest.fixture(scope="module")
def schema() -> Any:
    return jsonschema_rs.validator_for(json.loads(SCHEMA.read_text("utf-8")))


def test_is_valid_by_the_compose_specification(compose: dict[str, Any], schema: Any) -> None:
    assert [error.message for error in schema.iter_errors(compose)] == []


def test_the_schema_finds_what_is_wrong(compose: dict[str, Any], schema: Any) -> None:
    services = compose["services"] | {"desk": compose["services"]["desk"] | {"port": ["8080"]}}
    assert list(schema.iter_errors(compose | {"services": services}))


def test_runs_the_whole_system(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == {"kafka", "postgres", *OURS}
    for name in SERVICES:
        assert compose["services"][name]["command"] == ["serve", name]


@pytest.mark.parametrize("name", OURS)
def test_a_service_may_do_little(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service, "the image's own user is not root"
    assert int(service["stop_grace_period"].removesuffix("s")) > ALL_WITHIN + 5


@pytest.mark.parametrize("name", ["kafka", "postgres"])
def test_a_server_keeps_its_data_and_is_reached_from_inside_only(
    compose: dict[str, Any], name: str
) -> None:
    service = compose["services"][name]
    assert service["volumes"][0].split(":")[0] in compose["volumes"]
    assert service["healthcheck"]["test"]
    assert "ports" not in service
    assert service["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}


def test_only_capture_and_the_desk_are_published(compose: dict[str, Any]) -> None:
    published = {name for name, each in compose["services"].items() if "ports" in each}
    assert published == {"capture", "desk"}
    assert compose["services"]["desk"]["ports"][0].startswith("127.0.0.1:")


def test_the_spool_outlives_its_container(compose: dict[str, Any]) -> None:
    capture = compose["services"]["capture"]
    assert f"capture-spool:{capture['environment']['SARNAKH_DATA_DIR']}" in capture["volumes"]
    assert "capture-spool" in compose["volumes"]
    assert "depends_on" not in capture, "it takes leads with Kafka and Postgres away"


def test_every_service_is_looked_after(compose: dict[str, Any]) -> None:
    for name in SERVICES:
        check = compose["services"][name]["healthcheck"]["test"]
        port = {"capture": "8000", "desk": "8080"}.get(name, "8081")
        assert check == ["CMD", "healthy", port]
        assert compose["services"][name]["restart"] == "unless-stopped"


def test_settings_are_ones_that_exist(compose: dict[str, Any]) -> None:
    known = {f"SARNAKH_{name}".upper() for name in Settings.model_fields}
    for name in OURS:
        assert set(compose["services"][name]["environment"]) <= known
    in_image = set(re.findall(r"\b(SARNAKH_[A-Z_]+)=", _dockerfile()))
    assert in_image <= known
    assert "SARNAKH_API_TOKEN:?" in compose["services"]["desk"]["environment"]["SARNAKH_API_TOKEN"]


def test_kafka_promises_what_the_tests_broker_promises(compose: dict[str, Any]) -> None:
    there = compose["services"]["kafka"]["environment"]
    lines = (ROOT / "deploy/kafka/server.properties").read_text("utf-8").splitlines()
    here = dict(line.split("=", 1) for line in lines if "=" in line and line[0] != "#")
    for name in ("auto.create.topics.enable", "unclean.leader.election.enable", "process.roles"):
        assert there["KAFKA_" + name.upper().replace(".", "_")] == here[name]


def _dockerfile() -> str:
    return (ROOT / "deploy" / "Dockerfile").read_text("utf-8")


def test_the_image_is_built_from_the_lock_and_is_not_root() -> None:
    text = _dockerfile()
    assert "--require-hashes -r requirements.lock" in text
    assert re.search(r"^USER (?!0\b)\d+:\d+$", text, re.MULTILINE)
    assert "apt-get" not in text
    final = text.rpartition("\nFROM ")[2]
    assert "COPY --from=build" in final
    assert re.search(r'^ENTRYPOINT \["sarnakh"\]$', final, re.MULTILINE)


def test_all_that_the_image_copies_is_let_through() -> None:
    rules = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    open_ = [rule[1:] for rule in rules if rule.startswith("!")]
    assert "*" in rules
    copied = re.findall(r"^COPY (?:--chmod=\S+ )?(?!--from)(.+) \S+$", _dockerfile(), re.MULTILINE)
    names = [name for line in copied for name in line.split()]
    assert len(names) > 5
    for name in names:
        assert (ROOT / name).exists(), name
        assert any(fnmatch.fnmatch(name, rule) for rule in open_), name


class _Page(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize(("status", "exit_status"), [(200, 0), (503, 1)])
def test_the_health_check_says_what_the_page_says(status: int, exit_status: int) -> None:
    page = type("Page", (_Page,), {"status": status})
    server = HTTPServer(("127.0.0.1", 0), page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert healthy.main([str(server.server_port)]) == exit_status
    finally:
        server.shutdown()
        server.server_close()


def test_a_page_that_is_not_there_is_not_healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    assert healthy.main([port]) == 1
    for name in ("CAPTURE", "DESK", "ADMIN"):
        monkeypatch.setenv(f"SARNAKH_{name}_PORT", port)
    assert healthy.main([]) == 1
