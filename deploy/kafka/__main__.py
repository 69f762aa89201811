"""`python -m deploy.kafka start|stop`: a local Apache Kafka for whoever develops with it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import typer

from deploy.kafka.jars import KafkaUnavailable
from deploy.kafka.local import LocalKafka, stop_started

app = typer.Typer(help=__doc__, add_completion=False)
_FOLDER = Path(tempfile.gettempdir()) / "sarnakh-kafka"


@app.command()
def start(nodes: int = 1, folder: Path = _FOLDER) -> None:
    """Start a cluster in the background and print how to point Sarnakh at it."""
    stop_started(folder)
    folder.mkdir(parents=True, exist_ok=True)
    data = tempfile.mkdtemp(prefix="cluster-", dir=folder)
    try:
        bootstrap = LocalKafka(Path(data), nodes).start()
    except KafkaUnavailable as error:
        typer.echo(str(error), err=True)
        sys.exit(1)
    typer.echo(f"export SARNAKH_KAFKA_BOOTSTRAP_SERVERS={bootstrap}")


@app.command()
def stop(folder: Path = _FOLDER) -> None:
    """Stop the cluster that `start` left running."""
    typer.echo(f"stopped: {stop_started(folder)}")


if __name__ == "__main__":
    app()
