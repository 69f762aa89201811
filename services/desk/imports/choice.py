"""What whoever imports a list has to say about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from libs.common.events import Text
from libs.common.normal.text import clean
from services.desk.imports.columns import OURS, REPEATABLE, Column

Basis = Literal["consent", "contract", "legitimate_interest", "public_directory", "bought_list"]
Temperature = Literal["cold", "scored"]
BASES: Final[Mapping[str, Text]] = {
    "consent": Text("خودشان رضایت داده‌اند", "They gave their consent"),
    "contract": Text("مشتری ما هستند یا قرارداد داریم", "They are customers, or under contract"),
    "legitimate_interest": Text(
        "نفع مشروع (پیش‌تر با ما در تماس بوده‌اند)", "Legitimate interest (they have been in touch)"
    ),
    "public_directory": Text("فهرست عمومی یا نمایشگاه", "A public directory or exhibition book"),
    "bought_list": Text("فهرست خریداری‌شده", "A bought list"),
}
"""On which ground these people may be contacted."""
COLD: Final = frozenset({"legitimate_interest", "public_directory", "bought_list"})
"""By themselves these people have asked for nothing."""
SOURCE: Final = "import"
_KEY: Final = r"^[a-z0-9][a-z0-9._-]{0,63}$"


class Choice(BaseModel):
    """How a list is to be taken in. `columns` is column to ours; "" keeps it as it is."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    basis: Basis
    temperature: Temperature | None = None
    source: Annotated[str, StringConstraints(pattern=_KEY)] = SOURCE
    """What the list is called among sources; the same people of another source are a new touch."""
    page_url: Annotated[str, AfterValidator(clean), StringConstraints(max_length=2000)] = ""
    """Page of origin of rows that name none: it decides whose they are."""
    note: Annotated[str, AfterValidator(clean), StringConstraints(max_length=500)] = ""
    """Where the list is from, for whoever asks later."""
    columns: Annotated[dict[str, str], AfterValidator(dict)] = {}

    @model_validator(mode="after")
    def fits(self) -> Self:
        """Refuse what contradicts itself."""
        if self.basis == "bought_list" and self.temperature == "scored":
            raise ValueError("a bought list is always cold")
        if wrong := set(self.columns.values()) - {*OURS, ""}:
            raise ValueError(f"columns: no such field: {min(wrong)[:40]}")
        once = [ours for ours in self.columns.values() if ours and ours not in REPEATABLE]
        if len(once) != len(set(once)):
            raise ValueError("columns: two columns hold the same")
        return self

    @property
    def is_cold(self) -> bool:
        """Whether these people stay cold until they do something themselves."""
        if self.temperature is None:
            return self.basis in COLD
        return self.temperature == "cold"

    def assigned(self, guessed: Iterable[Column]) -> dict[str, str]:
        """Of each column, in order, what it holds: as said, else as guessed, each once."""
        said = self.columns
        taken = {ours for ours in said.values() if ours not in REPEATABLE}
        return {
            name: said.get(name, ours if ours and ours not in taken else "")
            for name, ours in guessed
        }
