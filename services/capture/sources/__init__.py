"""The kinds of webhooks: one file each, one tuple."""

from __future__ import annotations

from typing import Final

from services.capture.sources.arrival import Arrival, Knock
from services.capture.sources.bale import BALE
from services.capture.sources.calendly import CALENDLY
from services.capture.sources.callrail import CALLRAIL
from services.capture.sources.chatwoot import CHATWOOT
from services.capture.sources.cloudevents import CLOUDEVENTS
from services.capture.sources.contact_form_7 import CONTACT_FORM_7
from services.capture.sources.contract import Kind
from services.capture.sources.crisp import CRISP
from services.capture.sources.elementor import ELEMENTOR
from services.capture.sources.goftino import GOFTINO
from services.capture.sources.google_ads import GOOGLE_ADS
from services.capture.sources.google_forms import GOOGLE_FORMS
from services.capture.sources.gravity_forms import GRAVITY_FORMS
from services.capture.sources.hubspot import HUBSPOT
from services.capture.sources.instagram import INSTAGRAM
from services.capture.sources.instapage import INSTAPAGE
from services.capture.sources.intercom import INTERCOM
from services.capture.sources.jotform import JOTFORM
from services.capture.sources.json_any import JSON
from services.capture.sources.linkedin import LINKEDIN
from services.capture.sources.meta import META
from services.capture.sources.rubika import RUBIKA
from services.capture.sources.snapchat import SNAPCHAT
from services.capture.sources.standard import STANDARD
from services.capture.sources.tally import TALLY
from services.capture.sources.tawk import TAWK
from services.capture.sources.telegram import TELEGRAM
from services.capture.sources.tiktok import TIKTOK
from services.capture.sources.twilio import TWILIO
from services.capture.sources.typeform import TYPEFORM
from services.capture.sources.unbounce import UNBOUNCE
from services.capture.sources.webflow import WEBFLOW
from services.capture.sources.whatsapp import WHATSAPP
from services.capture.sources.wpforms import WPFORMS

__all__ = ["KINDS", "SOURCES", "Arrival", "Kind", "Knock"]

SOURCES: Final[tuple[Kind, ...]] = (
    STANDARD,
    META,
    GOOGLE_ADS,
    LINKEDIN,
    TIKTOK,
    SNAPCHAT,
    HUBSPOT,
    TELEGRAM,
    BALE,
    RUBIKA,
    WHATSAPP,
    INSTAGRAM,
    JSON,
    CLOUDEVENTS,
    CONTACT_FORM_7,
    ELEMENTOR,
    GRAVITY_FORMS,
    INSTAPAGE,
    JOTFORM,
    UNBOUNCE,
    TYPEFORM,
    CALENDLY,
    WEBFLOW,
    TALLY,
    WPFORMS,
    GOOGLE_FORMS,
    CHATWOOT,
    CRISP,
    INTERCOM,
    TAWK,
    GOFTINO,
    TWILIO,
    CALLRAIL,
)

KINDS: Final = {kind.kind: kind for kind in SOURCES}
