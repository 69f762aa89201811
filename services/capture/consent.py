"""What a form says about consent, kept as it was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def consented(values: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Every field whose name begins with consent (one alone as its value), and the rest."""
    said = {name: value for name, value in values.items() if name.lower().startswith("consent")}
    rest = {name: value for name, value in values.items() if name not in said}
    if not said:
        return None, rest
    if len(said) == 1 and "consent" in said:
        return said["consent"], rest
    return said, rest
