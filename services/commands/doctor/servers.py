"""Postgres and Apache Kafka: can they be used as they are set up."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from libs.common import topics
from libs.common.database.embedded import EmbeddedPostgres
from libs.common.database.looking import Server, Unreachable, look
from libs.common.events.values import Text
from libs.common.log import LogUnavailable
from libs.common.log.kafka.looking import Cluster, Topic
from libs.common.log.opening import look_at_kafka
from libs.common.refusal import Refusal
from libs.common.settings import Settings
from services.commands.doctor.disk import nearest
from services.commands.doctor.finding import Finding, fail, ok, warn

OLDEST_POSTGRES: Final = 150000
_TESTED: Final = 180000
_FEWEST_CONNECTIONS: Final = 150
"""Five services of up to 28 each."""
SKEW_SECONDS: Final = 2.0
_DAY_MS: Final = 24 * 3600 * 1000


async def postgres(settings: Settings) -> Sequence[Finding]:
    """The one that is named, else whether one can be started here."""
    if settings.database_url:
        return await _named(settings.database_url)
    try:
        async with _embedded(settings.data_dir / "postgres") as url:
            return of_server(await look(url), datetime.now(UTC))
    except (Refusal, Unreachable, OSError, TimeoutError) as error:
        return [_not_started(error)]


async def _named(url: str) -> Sequence[Finding]:
    try:
        return of_server(await look(url), datetime.now(UTC))
    except Unreachable as error:
        seen = {
            "away": Text("در دسترس نیست", "cannot be reached"),
            "refused": Text("ما را نمی‌پذیرد", "does not let us in"),
        }[error.why]
        advice = Text(
            "نشانی، نام کاربر و گذرواژه را در SARNAKH_DATABASE_URL درست کنید و ببینید روشن است",
            "check host, user and password in SARNAKH_DATABASE_URL, and that it runs",
        )
        return [fail("postgres", seen, advice)]


@asynccontextmanager
async def _embedded(folder: Path) -> AsyncIterator[str]:
    """The one of the data folder if it has been made, else one on trial that leaves no trace."""
    trial = _trial(folder)
    server = EmbeddedPostgres(trial or folder, durable=trial is None)
    try:
        yield await server.start()
    finally:
        await server.stop()
        if trial is not None:
            _clear(trial)


def _trial(folder: Path) -> Path | None:
    if folder.exists():
        return None
    trial = Path(tempfile.mkdtemp(dir=nearest(folder), prefix=".doctor-"))
    if os.geteuid() == 0:
        trial.chmod(0o711)
    return trial


def _clear(trial: Path) -> None:
    note = trial / "elsewhere"
    if note.exists():
        shutil.rmtree(note.read_text(encoding="utf-8").strip(), ignore_errors=True)
    shutil.rmtree(trial, ignore_errors=True)


def _not_started(error: Exception) -> Finding:
    seen = (
        error.text
        if isinstance(error, Refusal)
        else Text("پایگاه دادهٔ همراه بالا نیامد", "the embedded database did not start")
    )
    advice = Text(
        "این را درست کنید، یا نشانی یک Postgres را در SARNAKH_DATABASE_URL بگذارید",
        "mend this, or set SARNAKH_DATABASE_URL to a Postgres",
    )
    return fail("postgres", seen, advice)


def of_server(server: Server, now: datetime) -> Sequence[Finding]:
    """Judge a Postgres that answered at `now` by our clock."""
    return [_of_version(server), *_of_rights(server), _of_clock(server, now)]


def _of_version(server: Server) -> Finding:
    shown = f"{server.version // 10000}.{server.version % 10000}"
    if server.version < OLDEST_POSTGRES:
        advice = Text("به ۱۵ یا تازه‌تر ارتقا دهید", "upgrade to 15 or newer")
        return fail("postgres", Text(f"نسخهٔ {shown} قدیمی است", f"{shown} is too old"), advice)
    if server.version < _TESTED:
        advice = Text("ارتقا به ۱۸ توصیه می‌شود", "18 is what it is tested with")
        return warn("postgres", Text(f"نسخهٔ {shown}", f"version {shown}"), advice)
    return ok("postgres", f"نسخهٔ {shown} پاسخ می‌دهد", f"version {shown} answers")


def _of_rights(server: Server) -> Sequence[Finding]:
    found = []
    if server.standby or not server.may_create:
        found.append(
            fail(
                "postgres rights",
                Text("نمی‌توان در آن جدول ساخت", "no tables can be made in it"),
                Text(
                    "به سرور اصلی وصل شوید و به کاربر حق CREATE روی پایگاه داده بدهید",
                    "use the primary, and grant the user CREATE on the database",
                ),
            )
        )
    if server.encoding != "UTF8":
        found.append(
            fail(
                "postgres encoding",
                Text(f"کدگذاری {server.encoding}", f"encoding {server.encoding}"),
                Text("پایگاه را با UTF8 بسازید", "make the database with UTF8"),
            )
        )
    if server.connections < _FEWEST_CONNECTIONS:
        found.append(
            warn(
                "postgres connections",
                Text(f"حداکثر {server.connections} اتصال", f"takes {server.connections}"),
                Text("max_connections را ۲۰۰ کنید", "set max_connections to 200"),
            )
        )
    return found


def _of_clock(server: Server, now: datetime) -> Finding:
    skew = abs((server.now - now).total_seconds())
    if skew <= SKEW_SECONDS:
        return ok("clock", "با ساعت Postgres یکی است", "agrees with Postgres")
    return warn(
        "clock",
        Text(f"{skew:.0f} ثانیه با ساعت Postgres فرق دارد", f"{skew:.0f} s off from Postgres"),
        Text("هر دو را با NTP تنظیم کنید", "set both by NTP"),
    )


async def kafka(settings: Settings) -> Sequence[Finding]:
    """The cluster and our topics in it; nothing where the embedded log is used."""
    if not settings.kafka_bootstrap_servers:
        return [ok("log", "لاگ همراه، در Postgres", "the embedded one, in Postgres")]
    try:
        return of_cluster(await look_at_kafka(settings))
    except (LogUnavailable, ValueError):
        advice = Text(
            "SARNAKH_KAFKA_BOOTSTRAP_SERVERS را درست کنید و ببینید روشن است",
            "check SARNAKH_KAFKA_BOOTSTRAP_SERVERS, and that it runs",
        )
        return [fail("kafka", Text("در دسترس نیست", "cannot be reached"), advice)]


def of_cluster(cluster: Cluster) -> Sequence[Finding]:
    """Judge a cluster by its topics."""
    found = [_of_topic(name, each) for name, each in sorted(cluster.topics.items())]
    absent = [name for name in topics.ALL if name not in cluster.topics]
    seen = Text(f"{cluster.brokers} سرور پاسخ می‌دهد", f"{cluster.brokers} brokers answer")
    if absent:
        fa = f"{seen.fa}؛ {len(absent)} موضوع هنگام اجرا ساخته می‌شود"
        return [
            ok("kafka", fa, f"{seen.en}; {len(absent)} topics will be made at the start"),
            *filter(None, found),
        ]
    return [ok("kafka", seen.fa, f"{seen.en}, all topics are there"), *filter(None, found)]


def _of_topic(name: str, topic: Topic) -> Finding | None:
    if topic.partitions != topics.PARTITIONS:
        return fail(
            name,
            Text(
                f"{topic.partitions} بخش دارد و {topics.PARTITIONS} لازم است",
                f"has {topic.partitions} partitions, and {topics.PARTITIONS} are needed",
            ),
            Text(
                "SARNAKH_TOPIC_PREFIX دیگری بگذارید یا موضوع را پاک کنید",
                "set another SARNAKH_TOPIC_PREFIX, or delete the topic",
            ),
        )
    kept = topic.retention_ms
    if kept is not None and 0 <= kept < topics.RETENTION_DAYS * _DAY_MS:
        days = f"{kept / _DAY_MS:.1f}"
        return warn(
            name,
            Text(f"تنها {days} روز نگه داشته می‌شود", f"is kept for {days} days only"),
            Text(
                f"retention.ms را {topics.RETENTION_DAYS} روز کنید، تا قطعی دراز سرنخی نبرد",
                f"set retention.ms to {topics.RETENTION_DAYS} days, so that a long outage "
                "loses nobody",
            ),
        )
    return None
