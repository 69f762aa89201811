"""Which programs ask on their own account, by what they call themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from libs.common.borrowed import borrowed

# Programs that post for a human (a site's own server, a script, a test browser) name themselves
# too; only what crawls on its own account is a sign.
_FOR_HUMANS: Final = frozenset({"http-library", "browser-automation"})
_SITES_OWN: Final = "WordPress"
LONGEST: Final = 500
"""Characters of a user agent that are looked at."""


@cache
def _crawlers() -> re.Pattern[str]:
    return re.compile(
        borrowed("crawleruseragents", lambda found: _joined(found.CRAWLER_USER_AGENTS_DATA))
    )


def _joined(crawlers: Iterable[Mapping[str, Any]]) -> str:
    return "|".join(
        crawler["pattern"]
        for crawler in crawlers
        if not _FOR_HUMANS & set(crawler.get("tags", ())) and _SITES_OWN not in crawler["pattern"]
    )


@lru_cache(maxsize=4096)
def is_crawler(agent: str) -> bool:
    """Whether a user agent is one of a known robot that crawls on its own account.

    Previews of links in messengers are among them.
    """
    return _crawlers().search(agent[:LONGEST]) is not None
