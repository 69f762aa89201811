"""The page of origin, which decides who calls."""

from __future__ import annotations

import msgspec

from libs.common.normal.page import normal_page
from services.enrichment.draft import Draft


def find_page(draft: Draft, _country: str) -> Draft:
    """Put the page that capture chose at the door into the one form that patterns match."""
    url = draft.attribution.page_url
    if not url:
        return draft
    page = normal_page(url)
    if page is None:
        return draft.noting(
            "page_unreadable",
            "نشانی صفحهٔ مبدأ خواندنی نبود.",
            "The address of the page of origin could not be read.",
        )
    return msgspec.structs.replace(
        draft, attribution=msgspec.structs.replace(draft.attribution, page=page)
    )
