"""What clients of tests trust that speak plain HTTP only: nobody.

Without it, each client of httpx reads all authorities that there are: the most of what it costs.
"""

from __future__ import annotations

import ssl
from typing import Final

TRUSTS_NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
