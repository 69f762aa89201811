"""The cases under tests/fixtures/hostile, read; what each field says is told in its README."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from tests.edge.wire import Words

FOLDER: Final = Path(__file__).parents[1] / "fixtures" / "hostile"
SECRET: Final = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
VERIFY: Final = "verify-token-of-the-tests"
FIRST_PHONE: Final = 9_121_000_000
FIRST_ID: Final = 900_000_000_000_000
_PERSIAN: Final = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


@dataclass(frozen=True)
class Case:
    """One thing that is sent, and what may come of it."""

    door: str
    said: Mapping[str, Any]
    number: int

    @property
    def id(self) -> str:
        return str(self.said["id"])

    @cached_property
    def words(self) -> Words:
        """What stands for the names in it; the time is put in when it is sent."""
        digits = str(FIRST_PHONE + self.number)
        return {
            "case": self.id,
            "phone": f"0{digits}",
            "phone_fa": f"0{digits}".translate(_PERSIAN),
            "digits": digits,
            "id": str(FIRST_ID + self.number),
            "secret": SECRET,
            "verify": VERIFY,
        }

    @property
    def statuses(self) -> frozenset[int | str]:
        said = self.said["status"]
        return frozenset(said if isinstance(said, list) else [said])

    @property
    def classes(self) -> frozenset[str]:
        said = self.said.get("becomes", "nothing")
        return frozenset(said if isinstance(said, list) else [said])


@cache
def catalogue() -> tuple[Case, ...]:
    """All cases, file by file; read once, by the parser in C."""
    cases: list[Case] = []
    for file in sorted(FOLDER.glob("*.yaml")):
        content = yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
        own = {name: value for name, value in content.items() if name not in {"door", "cases"}}
        for said in content["cases"]:
            cases.append(Case(content["door"], {**own, **said}, len(cases)))
    return tuple(cases)
