"""The one exception that is for the person at the keyboard."""

from __future__ import annotations

from libs.common.events.values import Text


class Refusal(Exception):
    """One clear sentence, in both languages, on why a command cannot go on.

    The command line prints it and ends with a non-zero code; nobody is shown a traceback.
    """

    def __init__(self, fa: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(fa, en)
