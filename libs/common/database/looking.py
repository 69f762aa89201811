"""A look at a Postgres, for whoever sets it up."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from libs.common.database.engine import Database
from libs.common.database.statements import text
from libs.common.errors import Retry


class Server(NamedTuple):
    """What a Postgres says of itself and of us."""

    version: int
    """As `server_version_num`: 180006 is 18.6."""
    now: datetime
    may_create: bool
    """Whether we may make schemas in this database."""
    standby: bool
    connections: int
    """How many it takes."""
    encoding: str


class Unreachable(Exception):
    """Why it could not be asked, without the URL; one of `away`, `refused`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def look(url: str) -> Server:
    """Ask the Postgres at `url`. Raises Unreachable within seconds."""
    database = Database(url, pool=1)
    try:
        async with database.transaction() as connection:
            row = (
                await connection.execute(
                    text(
                        "SELECT current_setting('server_version_num')::int, clock_timestamp(), "
                        "has_database_privilege(current_database(), 'CREATE'), "
                        "pg_is_in_recovery(), current_setting('max_connections')::int, "
                        "current_setting('server_encoding')"
                    )
                )
            ).one()
    except Retry as error:
        raise Unreachable("away") from error
    except Exception as error:
        raise Unreachable("refused") from error
    finally:
        await database.close()
    return Server(*row)
