"""Whether what died was its submission's own next step, or is only told beside it."""

from __future__ import annotations

from typing import Final

import msgspec

from libs.common import topics

_DECISIONS: Final = frozenset({"staff.released", "staff.discarded"})
"""Of what is held: enrichment answers them with the submission in its next round."""


class _Said(msgspec.Struct, frozen=True):
    """Of an activity what it is."""

    type: str


_DECODER: Final = msgspec.json.Decoder(_Said)


def is_step(stage: str, topic: str, value: bytes) -> bool:
    """Whether the submission stands still where `stage` gave up on this record of the topic.

    An activity names a submission and moves it nowhere: of a later message of a chat, a late
    scan or a visit nobody answers with how the submission stands.
    """
    if topic != topics.ACTIVITY:
        return True
    try:
        return stage == "enrichment" and _DECODER.decode(value).type in _DECISIONS
    except msgspec.DecodeError:
        return False
