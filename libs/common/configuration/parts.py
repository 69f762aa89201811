"""What every part of the configuration file is made of."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

KEY: Final = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"

Key = Annotated[str, Field(pattern=KEY)]


class Part(BaseModel):
    """A part of the file: unknown names are errors, values never change after loading."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, coerce_numbers_to_str=True
    )


class Words(Part):
    """A name in both languages; a plain text in the file stands for both."""

    fa: str
    en: str

    def of(self, language: str) -> str:
        """The name in `language`."""
        return self.fa if language == "fa" else self.en


def _words(value: Any) -> Any:
    return {"fa": value, "en": value} if isinstance(value, str) else value


Named = Annotated[Words, BeforeValidator(_words)]
