"""The desk's API token: from the environment, else made once and kept in the data folder."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from libs.common.settings import Settings


def token_file(settings: Settings) -> Path:
    """Where the generated token is kept (readable by its owner only)."""
    return settings.data_dir / "api-token"


def api_token(settings: Settings) -> str:
    """The token; processes that share a data folder agree on one."""
    if settings.api_token:
        return settings.api_token
    path = token_file(settings)
    if not path.exists():
        handle, fresh = tempfile.mkstemp(dir=path.parent, prefix="api-token.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f"{secrets.token_urlsafe(24)}\n")
        with suppress(FileExistsError):
            os.link(fresh, path)  # fails for all but the first, unlike a rename
        Path(fresh).unlink()
    return path.read_text(encoding="utf-8").strip()
