"""Events: what they say (payloads, values) and how they travel (envelope)."""

from libs.common.events.envelope import Event, attributes, decode, derived_id, digest, encode
from libs.common.events.payloads import (
    Activity,
    Change,
    Client,
    LeadCaptured,
    LeadRouted,
    LeadScored,
    NotificationSettled,
    Payload,
    SubmissionEnriched,
)
from libs.common.events.values import (
    Assignment,
    Attribution,
    Contact,
    Lead,
    Note,
    Reason,
    Score,
    Skipped,
    Text,
    Touch,
)

__all__ = [
    "Activity",
    "Assignment",
    "Attribution",
    "Change",
    "Client",
    "Contact",
    "Event",
    "Lead",
    "LeadCaptured",
    "LeadRouted",
    "LeadScored",
    "Note",
    "NotificationSettled",
    "Payload",
    "Reason",
    "Score",
    "Skipped",
    "SubmissionEnriched",
    "Text",
    "Touch",
    "attributes",
    "decode",
    "derived_id",
    "digest",
    "encode",
]
