"""All SQL of capture: what the door keeps (keys, spools, posts), and what is to be fetched."""

from services.capture.store.door import (
    Key,
    Mark,
    Misaddressed,
    Used,
    drop_keys,
    drop_misaddressed,
    find_keys,
    keep_keys,
    keep_misaddressed,
    list_misaddressed,
    save_marks,
)

__all__ = [
    "Key",
    "Mark",
    "Misaddressed",
    "Used",
    "drop_keys",
    "drop_misaddressed",
    "find_keys",
    "keep_keys",
    "keep_misaddressed",
    "list_misaddressed",
    "save_marks",
]
