"""What the inbox says."""

from __future__ import annotations

from typing import Final

from libs.common.events import Text

PHRASES: Final[dict[str, Text]] = {
    "search": Text("جست‌وجوی نام، شماره، ایمیل یا شرکت", "Search name, number, e-mail or company"),
    "everybody": Text("همه", "All"),
    "any_heat": Text("هر دما", "Any heat"),
    "order": Text("ترتیب", "Order"),
    "newest_first": Text("تازه‌ترین‌ها", "Newest"),
    "hottest_first": Text("داغ‌ترین‌ها", "Hottest"),
    "older": Text("قدیمی‌ترها", "Older"),
    "newest": Text("بازگشت به تازه‌ترین‌ها", "Back to the newest"),
    "clear": Text("برداشتن صافی‌ها", "Clear filters"),
    "nothing_found": Text("سرنخی با این نشانی‌ها نیست", "No leads match"),
    "nothing_found_do": Text(
        "یکی از صافی‌ها را بردارید یا واژهٔ دیگری بجویید.",
        "Take a filter away or search for something else.",
    ),
    "empty": Text("هنوز سرنخی نرسیده", "No leads yet"),
    "empty_do": Text(
        "این فرم را در صفحهٔ سایت‌تان بگذارید. نخستین کسی که پُرش کند، همان لحظه این‌جا دیده می‌شود.",
        "Put this form on a page of your site. The first person to fill it in shows up here.",
    ),
    "whose": Text("سرنخ‌های چه کسی", "Whose leads"),
    "mine": Text("مال من", "Mine"),
    "mine_who": Text(
        "برای دیدن سرنخ‌های خودتان، بگویید کدام‌یک هستید.",
        "To see your own leads, say who you are.",
    ),
    "mine_none": Text("سرنخی دست شما نیست", "You have no leads here"),
    "mine_none_do": Text(
        "وقتی سرنخی به شما برسد همین‌جا دیده می‌شود؛ سرنخ‌های همه را هم می‌توانید ببینید.",
        "A lead that is given to you shows up here. You can look at everybody’s too.",
    ),
    "of_list": Text("از یک فهرست", "Of one list"),
    "see_all": Text("سرنخ‌های همه", "Everybody’s leads"),
    "fresh": Text("{n} سرنخ تازه", "{n} new"),
    "want_none": Text("هنوز نگفته چه می‌خواهد", "Has not said what they want yet"),
}
