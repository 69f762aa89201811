"""The image's way of running, without an engine: another user, a tree that cannot be written."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.system import ROOT, eventually
from tests.ports import free_port

USER = 10001
AS_USER = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--no-new-privs")
COPIED = ("libs", "services", "sarnakh.example.yaml")


@pytest.fixture
def image() -> Iterator[Path]:
    """A folder as the image has it: `app` belongs to root and is closed, `data` is the user's."""
    if os.geteuid() != 0 or shutil.which(AS_USER[0]) is None:
        pytest.skip("only root, with setpriv, can become another user")
    folder = Path(tempfile.mkdtemp(prefix="sarnakh-image-"))
    folder.chmod(0o755)
    _copy(folder / "app")
    (folder / "data").mkdir(mode=0o700)
    os.chown(folder / "data", USER, USER)
    yield folder
    shutil.rmtree(folder)


def _copy(app: Path) -> None:
    app.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, app / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, app)
    for each in (app, *app.rglob("*")):
        each.chmod(0o555 if each.is_dir() else 0o444)


def test_capture_takes_leads_as_another_user_from_a_closed_tree(image: Path) -> None:
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(image / "app"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SARNAKH_DATA_DIR": str(image / "data"),
        "SARNAKH_CAPTURE_PORT": str(port),
        "SARNAKH_DATABASE_URL": "postgresql://nobody:none@127.0.0.1:1/none",
        "SARNAKH_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "SARNAKH_API_TOKEN": "token",
    }
    look = [*AS_USER, sys.executable, "-c", "import fastapi, services; print(services.__file__)"]
    seen = subprocess.run(
        look, cwd=image, env=environment, capture_output=True, text=True, check=False
    )
    if seen.returncode:
        pytest.skip("the environment of the tests is closed to other users")
    assert seen.stdout.startswith(str(image)), "the copy is what runs"
    with (image / "output").open("wb") as output:
        process = subprocess.Popen(
            [*AS_USER, sys.executable, "-m", "services", "serve", "capture"],
            cwd=image / "app",
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        health = [sys.executable, str(ROOT / "deploy" / "healthy.py"), str(port)]

        def healthy() -> bool:
            assert process.poll() is None, (image / "output").read_text("utf-8")
            return subprocess.run(health, check=False).returncode == 0

        eventually(healthy, 120)
        answer = httpx.post(
            f"http://127.0.0.1:{port}/v1/forms/contact", data={"phone": "09121112233"}, timeout=10
        )
        assert answer.status_code == 202
        assert answer.headers["x-durability"] == "spooled"
        process.send_signal(signal.SIGTERM)
        assert process.wait(25) == 0
    finally:
        process.kill()
        process.wait()
    assert any((image / "data" / "spool").rglob("*")), "the lead is on its disk"
