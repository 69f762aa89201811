"""The names that the services understand, for the checks of the file.

Data only, because libraries import no service; each list is held to what the services do by
tests/unit/common/configuration/test_known.py.
"""

from __future__ import annotations

from typing import Final

FIELDS: Final = frozenset(
    {
        "name",
        "first_name",
        "last_name",
        "phone",
        "email",
        "handle",
        "company",
        "message",
        "language",
    }
)
"""Ours, to which a form's or source's fields are mapped."""

KINDS: Final = (
    "meta", "whatsapp", "instagram", "google-ads", "linkedin", "tiktok", "snapchat", "typeform",
    "jotform", "gravity-forms", "contact-form-7", "elementor", "wpforms", "google-forms", "hubspot",
    "calendly", "webflow", "tally", "unbounce", "instapage", "telegram", "bale", "rubika",
    "chatwoot", "crisp", "intercom", "tawk", "goftino", "twilio", "callrail", "standard",
    "cloudevents", "json",
)  # fmt: skip
"""Kinds of sources, as in `/v1/webhooks/{kind}/{key}`."""
SIGNED: Final = frozenset(
    {
        "standard",
        "meta",
        "whatsapp",
        "instagram",
        "cloudevents",
        "typeform",
        "calendly",
        "tally",
        "wpforms",
        "google-forms",
        "linkedin",
        "hubspot",
        "chatwoot",
        "crisp",
        "intercom",
        "tawk",
        "twilio",
        "callrail",
    }
)
"""Kinds of sources whose calls are signed: without a secret nobody can prove anything."""
STANDARD: Final = frozenset({"standard", "cloudevents", "google-forms"})
"""Kinds that sign by Standard Webhooks, whose secrets are base64."""
FETCHED: Final = frozenset({"meta", "linkedin", "hubspot"})
"""Kinds whose calls bring ids only: without a token their content cannot be had."""
NAMED: Final = frozenset({"instagram"})
"""Kinds whose chats name nobody: with a token the names are asked for, beside the leads."""
LISTED: Final = frozenset({"meta", "linkedin", "typeform", "calendly"})
"""Kinds that can be asked what there was: it is compared with what they have called with."""
LISTED_BY: Final = {"linkedin": "account", "typeform": "forms"}
"""What names the list, of kinds where the token alone does not."""
SHORT_LIVED: Final = frozenset({"linkedin"})
"""Kinds whose access tokens always end by themselves."""
INTROSPECTED: Final = frozenset({"meta", "whatsapp", "instagram", "linkedin"})
"""Kinds that can be asked when an access token ends, in the name of its app."""
INTROSPECTED_BY: Final = {"linkedin": "client_id"}
"""What names the app, of kinds where the token alone does not."""
GREETED: Final = frozenset({"meta", "whatsapp", "instagram"})
"""Kinds that ask first whether we are there, with a token of our choice."""
CHALLENGED: Final = frozenset({"linkedin"})
"""Kinds that ask whether we know the secret itself: no token of our choice."""
FORMED: Final = frozenset(
    {
        "meta",
        "google-ads",
        "jotform",
        "gravity-forms",
        "elementor",
        "typeform",
        "webflow",
        "tally",
        "wpforms",
        "google-forms",
        "linkedin",
        "tiktok",
        "snapchat",
    }
)
"""Kinds whose leads say of which form they are."""

ANSWERED: Final = frozenset(
    {"telegram", "bale", "rubika", "whatsapp", "instagram", "chatwoot", "crisp"}
)
"""Kinds of chats in which a source can answer by itself (`auto_reply`)."""

CONDITIONS: Final = frozenset(
    {"stage", "temperature", "language", "source", "kind", "page", "company", "qr"}
)
"""What a routing rule's `when` can ask about, beside `utm.<part>`."""
UTM: Final = "utm."

STAGES: Final = (
    "iql",
    "mql",
    "sql",
    "pql",
    "service_qualified",
    "customer",
    "returning_customer",
)
TEMPERATURES: Final = ("cold", "warm", "hot")

SCORED: Final[dict[str, frozenset[str]]] = {
    "contact": frozenset(
        {
            "name",
            "nickname",
            "phone",
            "phone_typed",
            "phone_type",
            "email",
            "email_typed",
            "handle",
            "company",
            "message",
            "language",
            "consent",
            "place",
            "budget",
        }
    ),
    "attribution": frozenset(
        {"page", "page_url", "referrer", "qr", "scan", "visitor_id", "channel"}
    ),
    "touch": frozenset({"kind", "source", "asks", "temperature"}),
    "activity": frozenset({"type", "actor", "page", "lead_id"}),
    "person": frozenset(
        {
            "touch_count",
            "activity_count",
            "name",
            "phone",
            "email",
            "handle",
            "company",
            "language",
        }
    ),
}
"""The fields of scoring conditions by root."""
OPEN: Final = (
    "verified.",
    "contact.extra.",
    "contact.consent.",
    "attribution.utm.",
    "attribution.click_ids.",
    "attribution.ad.",
    "activity.data.",
)
"""Below these a field may have any name."""
