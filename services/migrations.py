"""Every schema's chain of revisions, in the order in which they are applied."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from libs.common.database.chain import Chain

_ROOT: Final = Path(__file__).resolve().parent.parent
_COMMON: Final = _ROOT / "libs" / "common"
SERVICES: Final = ("capture", "enrichment", "scoring", "routing", "desk")

CHAINS: Final = (
    Chain("log", _COMMON / "log" / "migrations"),
    Chain("common", _COMMON / "configuration" / "migrations"),
    *(
        chain
        for name in SERVICES
        for chain in (
            Chain(name, _COMMON / "stage" / "migrations", "stage_version"),
            Chain(name, _ROOT / "services" / name / "migrations"),
        )
    ),
)
