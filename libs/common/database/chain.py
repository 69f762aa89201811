"""The revisions of one schema, and whose connections bring them there."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

APPLICATION: Final = {"application_name": "sarnakh migrate"}
"""Its own connections have no time limits: a long revision may take long."""


class Chain(NamedTuple):
    """A folder of revisions and the schema they build; its version is kept in that schema."""

    schema: str
    folder: Path
    version_table: str = "schema_version"
