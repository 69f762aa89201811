"""What the way in says."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "sign_in": Text("ورود به میز کار", "Sign in"),
    "token": Text("رمز میز کار", "Desk token"),
    "token_hint": Text(
        "همان رمزی که هنگام راه‌اندازی جایش گفته شد.",
        "It was named when the system started.",
    ),
    "enter": Text("ورود", "Sign in"),
    "wrong_token": Text(
        "این رمز درست نیست. از آغاز تا پایان رونوشت کنید و دوباره بکوشید.",
        "That token is not right. Copy all of it and try again.",
    ),
    "insecure": Text(
        "از این نشانی نمی‌شود وارد شد: رمز بدون https از شبکه می‌گذرد. "
        "میز کار را با https یا روی همین دستگاه باز کنید.",
        "You cannot sign in from this address: without https the token would cross the network "
        "in the clear. Open the desk over https, or on this machine.",
    ),
}
