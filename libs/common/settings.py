"""Settings from the environment, prefix `SARNAKH_` (docs/operations.md lists them)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where things are and whom to talk to. What the firm wants is in the YAML file."""

    model_config = SettingsConfigDict(env_prefix="SARNAKH_", frozen=True, extra="ignore")

    config: Path | None = Field(
        default=None, description="the YAML file; default sarnakh.yaml, else the shipped example"
    )
    data_dir: Path = Field(default=Path(".sarnakh"), description="spool, database, generated token")
    database_url: str = Field(default="", description="any Postgres; empty: an embedded one")
    kafka_bootstrap_servers: str = Field(
        default="", description="Apache Kafka; empty: a log kept in Postgres tables"
    )
    capture_host: str = "127.0.0.1"
    capture_port: int = 8000
    desk_host: str = "127.0.0.1"
    desk_port: int = 8080
    public_url: str = Field(default="", description="as the outside sees capture")
    desk_url: str = Field(
        default="", description="as staff see the desk: links in messages; default host and port"
    )
    api_token: str = Field(
        default="", description="of the desk; generated into the data folder when unset"
    )
    topic_prefix: str = Field(default="", description="before every topic and consumer group")
    admin_host: str = "127.0.0.1"
    admin_port: int = Field(default=0, description="/livez /readyz /metrics; 0: a free port")
    trusted_proxies: str = Field(
        default="", description="networks whose X-Forwarded-For is believed, comma-separated"
    )
    log_level: str = "info"
