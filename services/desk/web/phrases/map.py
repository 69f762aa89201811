"""What the map says: which page goes to which team, which pages go nowhere."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "map_question": Text(
        "هر صفحه به کدام تیم می‌رود و کدام‌ها به هیچ‌جا نمی‌روند؟",
        "Which page goes to which team, and which go nowhere?",
    ),
    "map_coverage": Text("پوشش نقشه", "Coverage"),
    "map_coverage_text": Text(
        "از سرنخ‌های ۳۰ روز گذشته که صفحه‌شان پیداست، این سهم از صفحه‌ای آمده که تیمی دارد.",
        "Of the last 30 days' leads with a known page, this share came from a page with a team.",
    ),
    "map_no_page": Text("بدون صفحهٔ مبدأ", "Without a page of origin"),
    "map_flow": Text(
        "از الگوی صفحه به تیم، ۳۰ روز گذشته", "From page pattern to team, last 30 days"
    ),
    "map_pattern": Text("الگو", "Pattern"),
    "map_team": Text("تیم", "Team"),
    "map_leads": Text("سرنخ", "Leads"),
    "map_pages": Text("صفحه‌ها", "Pages"),
    "map_more_pages": Text("صفحهٔ دیگر", "more pages"),
    "map_never": Text("هنوز سرنخی نیامده", "no lead yet"),
    "map_unmapped": Text("صفحه‌های بی‌تیم", "Pages without a team"),
    "map_unmapped_do": Text(
        "سرنخ این صفحه‌ها به تیم پیش‌فرض می‌رسد. خط هر کدام را زیر routing.pages در پیکربندی "
        "بگذارید؛ تا یک ثانیه بعد به کار می‌افتد.",
        "Their leads go to the fallback team. Put a page's line under routing.pages in the "
        "configuration; it is taken up within a second.",
    ),
    "map_line": Text("خط پیکربندی", "The line"),
    "map_all_mapped": Text(
        "هر صفحه‌ای که سرنخ داده تیمی دارد.", "Every page that brought a lead has a team."
    ),
    "map_ask": Text(
        "نشانی صفحه‌ای را بگذارید: به کجا می‌رود؟", "Paste an address: where would it go?"
    ),
    "map_ask_do": Text("ببین", "Look"),
    "map_goes": Text("می‌رود به", "goes to"),
    "map_why": Text("چرا", "Why"),
    "map_unless": Text("مگر", "Unless"),
    "map_not_a_page": Text(
        "این نشانیِ یک صفحه نیست؛ چیزی مانند nil.example/services بنویسید.",
        "This is not a page's address; write something like nil.example/services.",
    ),
    "map_as": Text("به این شکل خوانده می‌شود:", "It is read as"),
    "map_fallback": Text("تیم پیش‌فرض", "fallback team"),
    "map_others": Text("الگوهای دیگر", "Other patterns"),
    "map_empty": Text("هنوز هیچ الگویی و سرنخی نیست", "There are no patterns and no leads yet"),
    "map_empty_do": Text(
        "زیر routing.pages بنویسید هر صفحه از آنِ کدام تیم است.",
        "Say under routing.pages which page belongs to which team.",
    ),
}
