"""The shipped scoring rules, in the order their reasons are told; configuration adds to them.

A rule is data: the same schema as `scoring.rules` in the file. To add one, see
docs/how-to/add-a-scoring-rule.md.
"""

from __future__ import annotations

from typing import Final

from libs.common.configuration.scoring import ScoringRule
from services.scoring.rules import company, contact, nurture, origin, product, request

RULES: Final[tuple[ScoringRule, ...]] = (
    contact.GAVE_PHONE,
    contact.MOBILE_PHONE,
    contact.UNCERTAIN_PHONE,
    contact.GAVE_NAME,
    contact.GAVE_EMAIL,
    contact.BUSINESS_EMAIL,
    contact.DISPOSABLE_EMAIL,
    contact.BOT_SIGNS,
    company.GAVE_COMPANY,
    company.GAVE_CITY,
    company.GAVE_BUDGET,
    request.FILLED_FORM,
    request.STARTED_CHAT,
    request.CAME_IN_PERSON,
    request.WROTE_MESSAGE,
    request.ASKED_PRICE,
    request.ASKED_DEMO,
    request.ASKED_CALL,
    request.SERVICE_PAGE,
    origin.PAID_CLICK,
    origin.FOUND_IN_SEARCH,
    origin.REFERRED,
    origin.SCANNED_QR,
    origin.FROM_LIST,
    origin.CAME_BACK,
    nurture.SAW_PAGES,
    nurture.DOWNLOADED,
    nurture.WEBINAR,
    nurture.OPENED_MAIL,
    nurture.WISH_LIST,
    product.STARTED_TRIAL,
    product.GOT_VALUE,
    product.QUALIFIED_BY_STAFF,
)
