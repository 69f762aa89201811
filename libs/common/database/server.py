"""One Postgres server on this machine: made, started, looked at, stopped, by its own programs."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from libs.common.database.place import Place
from libs.common.refusal import Refusal

USER: Final = "sarnakh"
_HOST: Final = "127.0.0.1"
_READY_WITHIN: Final = 300.0
"""Seconds; recovery after a crash of the machine reads the write-ahead log again."""
_LOG_BYTES: Final = 10 * 1024 * 1024
_LETTERS: Final = ("C.UTF-8", "en_US.UTF-8", "C")
"""The system's locale for what is a letter (trigrams ask it, also with the builtin provider);
the first that the system has, and every UTF-8 one knows Persian."""
_SETTINGS: Final = {
    "listen_addresses": _HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_locks_per_transaction": "128",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "max_parallel_workers_per_gather": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # What a statement says may hold contact data: failures reach their caller, not the log.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


def create(place: Place, password: str, *, durable: bool) -> None:
    """Make the data folder, whole or not at all (a cut leaves only `data.new` behind)."""
    reason = ""
    for letters in _LETTERS:
        reason = _initialise(place, password, letters, durable=durable)
        if not reason:
            place.data.with_name("data.new").rename(place.data)
            return
    raise Refusal(
        f"پایگاه داده در {place.data} ساخته نشد: {reason}",
        f"The database in {place.data} could not be made: {reason}",
    )


def _initialise(place: Place, password: str, letters: str, *, durable: bool) -> str:
    """Run initdb; gives its complaint, or nothing."""
    fresh = place.data.with_name("data.new")
    key = place.data.with_name("key.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    key.unlink(missing_ok=True)
    key.touch(mode=0o600)
    key.write_text(password, encoding="utf-8")
    if place.user is not None:
        os.chown(fresh, place.user, place.user)
        os.chown(key, place.user, place.user)
    command = [
        place.programs / "initdb",
        f"--pgdata={fresh}",
        f"--username={USER}",
        f"--pwfile={key}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        f"--lc-ctype={letters}",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        *([] if durable else ["--no-sync"]),
    ]
    done = subprocess.run(  # noqa: S603 - the wheel's own program, no text from outside
        command,
        env=_environment(),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        **place.identity,  # type: ignore[call-overload] # a mapping of keyword arguments
    )
    key.unlink()
    return (done.stderr.strip().splitlines() or ["?"])[-1] if done.returncode else ""


def start(place: Place, port: int, log: Path, *, durable: bool) -> bool:
    """Start it and wait until it answers; False if it ended instead (the port may be taken)."""
    _leave_no_stale_pid(place.data)
    settings = _SETTINGS | {"port": str(port)}
    if not durable:
        settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".old"))
    with log.open("ab") as sink:
        process = subprocess.Popen(  # noqa: S603 - the wheel's own program, no text from outside
            [place.programs / "postgres", "-D", place.data, *options],
            env=_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,  # Ctrl-C is for us; we stop it when we are done with it
            umask=0o077,
            **place.identity,  # type: ignore[call-overload] # a mapping of keyword arguments
        )
    until = time.monotonic() + _READY_WITHIN
    while process.poll() is None and time.monotonic() < until:
        if _status(place.data) == (process.pid, "ready"):
            process.returncode = 0  # it outlives us on purpose; nobody waits for it
            return True
        time.sleep(0.02)
    if process.poll() is None:
        stop(place.data, within=5)
    return False


def running(data: Path) -> int | None:
    """The process id of a server that lives on `data`, or None."""
    found = _status(data)
    if found is None or not _is_postgres(found[0]):
        return None
    return found[0]


def stop(data: Path, within: float, at_once: float = 3.0) -> None:
    """End it: politely, after `within` seconds at once, after `at_once` more by a kill.

    What is committed is safe in each case. Returns after `within` and twice `at_once` at most.
    """
    pid = running(data)
    for sign, wait in (
        (signal.SIGINT, within),
        (signal.SIGQUIT, at_once),
        (signal.SIGKILL, at_once),
    ):
        if pid is None or not _is_postgres(pid):
            return
        # Who is killed ends no children: one that hangs would keep the next server from starting.
        for each in (pid, *(_children(pid) if sign == signal.SIGKILL else ())):
            with suppress(ProcessLookupError):
                os.kill(each, sign)
        until = time.monotonic() + wait
        while _is_postgres(pid) and time.monotonic() < until:
            time.sleep(0.02)


def free_port() -> int:
    """A port that nobody has, best below the range from which systems give out ports."""
    for _ in range(50):
        candidate = 20000 + secrets.randbelow(12000)
        if is_free(candidate):
            return candidate
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


def is_free(port: int, host: str = _HOST) -> bool:
    """Whether a server could listen on `port` now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def url(port: int, password: str) -> str:
    """How to reach it."""
    return f"postgresql://{USER}:{password}@{_HOST}:{port}/postgres"


def _environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def _status(data: Path) -> tuple[int, str] | None:
    """Process id and state, from the server's own `postmaster.pid`."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""  # noqa: PLR2004 - its 8th line
    except (OSError, ValueError, IndexError):
        return None


def _is_postgres(pid: int) -> bool:
    with suppress(OSError):
        os.waitpid(pid, os.WNOHANG)  # a child of ours that has ended is not running
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, and is another user's
    about = Path(f"/proc/{pid}/stat")
    if not about.parent.parent.joinpath("self").exists():
        return True
    try:
        name, _, rest = about.read_text(encoding="utf-8", errors="replace").rpartition(")")
    except OSError:
        return False
    return "(postgres" in name and not rest.strip().startswith("Z")


def _children(pid: int) -> tuple[int, ...]:
    with suppress(OSError):
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return tuple(int(each) for each in found.split())
    return ()


def _leave_no_stale_pid(data: Path) -> None:
    """After a restart of the machine the old number may be another program's: Postgres would wait.

    Where the number is nobody's the file stays, and Postgres checks for left-over children itself.
    """
    found = _status(data)
    if found is not None and not _is_postgres(found[0]) and Path(f"/proc/{found[0]}").exists():
        (data / "postmaster.pid").unlink()
