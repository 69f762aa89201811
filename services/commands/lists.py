"""What may be said of a list on the command line."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from libs.common.refusal import Refusal


class Basis(StrEnum):
    """On which ground these people may be contacted."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGITIMATE_INTEREST = "legitimate_interest"
    PUBLIC_DIRECTORY = "public_directory"
    BOUGHT_LIST = "bought_list"


class Temperature(StrEnum):
    """Whether they stay cold until they do something, or count by their score."""

    COLD = "cold"
    SCORED = "scored"


class Said(NamedTuple):
    """All of it."""

    basis: Basis | None
    temperature: Temperature | None
    source: str
    page: str
    note: str
    columns: tuple[str, ...]
    """As `ours=column`."""

    def choice(self, basis: str) -> dict[str, object]:
        """As the desk takes it. Raises Refusal for a --map that is none."""
        columns = {}
        for each in self.columns:
            ours, equals, column = each.partition("=")
            if not equals or not column:
                raise Refusal(
                    f"--map باید به شکل ours=column باشد، نه «{each}».",
                    f"--map is written ours=column, not {each!r}.",
                )
            columns[column.strip()] = ours.strip()
        said: dict[str, object] = {"basis": basis, "source": self.source, "columns": columns}
        said |= {"page_url": self.page, "note": self.note}
        return said | ({"temperature": self.temperature.value} if self.temperature else {})
