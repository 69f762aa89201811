"""That a chat was answered by itself is told for people to read, and counts for nothing."""

from __future__ import annotations

from libs.common import topics
from libs.common.events import Activity, decode, derived_id
from services.scoring.fact import of_activity
from tests.integration.capture.replies.chatting import Chats


async def test_that_a_message_was_answered_is_said_once_and_only_where_it_was(
    chats: Chats,
) -> None:
    chats.bot.modes = ["ok", "403", "500"]
    for person in ("42", "8", "9"):
        await chats.hears(chats.message(person, person))
        await chats.run(seconds=5)
    assert await chats.states() == ["sent", "denied", "unknown"]
    chats.another()
    await chats.run(3, minutes=5)
    said = [decode(record).data for record in chats.log.records(topics.ACTIVITY)]
    (one,) = [each for each in said if isinstance(each, Activity)]
    assert (one.type, one.submission_id) == ("submission.answered", derived_id("s", "42"))
    assert (one.data, one.person_id) == ({"source": "bot"}, None)
    assert of_activity(one) is None, "nothing is scored"
