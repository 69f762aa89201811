"""Where in a folded text the sender says their name: `من علی رضایی هستم`, `my name is Sara`."""

from __future__ import annotations

import re
from typing import Final

_GIVEN: Final = frozenset(
    """
    علی محمد حسین حسن رضا مهدی امیر احمد محمود حمید مجید سعید وحید مسعود مسلم مصطفی مرتضی مجتبی
    ابراهیم اسماعیل یوسف یونس یاسر یاسین یحیی عباس عبدالله اکبر اصغر اکرم جواد جعفر صادق کاظم باقر
    هادی هاشم ناصر نادر نوید نیما امید ایمان احسان اشکان ارش ارمان ارمین ارین ارتین اریا ارسلان
    افشین بابک بهرام بهزاد بهنام بهروز بهمن بیژن پدرام پرویز پژمان پویا پوریا پیمان پیام پارسا تورج
    جمشید جلال جمال حامد حبیب حجت خسرو داریوش داوود داود رامین رامتین رسول روزبه روح سامان سامیار
    سپهر سجاد سروش سهراب سهیل سیامک سیاوش سینا شاهین شایان شهاب شهرام شهریار شروین طاها عرفان علیرضا
    غلامرضا محمدرضا محمدحسین محمدعلی امیرحسین امیرعلی امیررضا امیرمحمد حمیدرضا فرزاد فرزین فرشاد
    فرشید فرهاد فرید فریبرز فرامرز قاسم کامران کامبیز کاوه کوروش کیان کیارش کیوان کیومرث ماهان
    مازیار ماکان میلاد میثم منصور منوچهر مهران مهرداد مهرزاد مهیار نصرت هومن هوشنگ یاشار سیروس
    زهرا فاطمه مریم معصومه مینا مهسا مهناز مهشید مهتاب مهرناز مهری مژگان مژده ملیکا منا مونا محدثه
    مرضیه منیژه منصوره نرگس نسرین نسترن نازنین نازی ناهید ندا نجمه نگار نگین نوشین نیلوفر نیکی نیکا
    نیوشا هانیه هدی هدیه هستی هما هنگامه یاسمن یاسمین یگانه یلدا لیلا لاله لادن لیدا گلناز گلنار
    کیمیا کتایون کبری فرزانه فرناز فرنوش فریبا فریده فرشته فهیمه غزل غزاله عاطفه عسل طاهره طناز
    صبا صدف صفورا صغری شادی شبنم شراره شقایق شکوفه شهره شهلا شهناز شیدا شیرین شیما شیوا سارا ساره
    ساناز سحر سپیده ستاره سمانه سمیرا سمیه سمن سوسن سودابه سوگند سهیلا سیما زینب زهره ژاله ژیلا
    رها رویا ریحانه راضیه رعنا رقیه روشنک دنیا درسا دیبا خدیجه حمیده حدیث حنانه ثنا ترانه تینا تارا
    پریسا پریا پگاه پروانه پروین پرستو پونه بهار بهاره بنفشه بیتا باران ایدا اتنا اتوسا ازاده ازیتا
    اذر ارزو ارغوان اسیه افسانه افسون الناز الهام الهه الهام المیرا الینا اعظم اکرم انیتا انسیه
    اناهیتا ایلناز ایناز
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
"""Common ones; the folded spelling, with alef for its forms."""
_TITLES: Final = frozenset({"اقای", "خانم", "سرکار", "جناب", "مهندس", "دکتر", "سید", "سیده", "حاج"})
_WORD: Final = r"[^\W\d_]{2,20}"
_WORDS: Final = rf"(?P<name>{_WORD}(?: {{1,2}}{_WORD}){{0,3}}?)"
_ENDS: Final = (
    r"(?= *(?:$|[.,،؛:;!?؟\n0-9+()@*/-]"
    r"|(?:است|هست|هستم|هستش|میباشد|می باشد|شماره|شمارم|تلفن|موبایل|همراه|ایمیل|از|و|متولد|ساکن)"
    r"(?!\w)"
    r"|(?:and|from|here|i|my|phone|mobile|tel|email|e|number|calling)\b))"
)
_PATTERNS: Final = (
    re.compile(
        r"(?<!\w)(?:(?:اسم|نام) ?(?:من|بنده|اینجانب)|اسمم|نامم"
        rf"|(?:اسم|نام)(?: و نام خانوادگی)?(?= *[:=])) *[:=]? *{_WORDS}{_ENDS}",
        re.MULTILINE,
    ),
    re.compile(rf"\b(?:my name(?: is|'s|’s)|(?:full )?name *[:=]) *{_WORDS}{_ENDS}", re.IGNORECASE),
)
"""What follows is a name, whatever it is."""
_GREETING: Final = (
    r"(?:سلام(?: علیکم)?|درود|(?:وقت|روز|صبح|عصر|شب)(?: ?تون| ?تان)? ?بخیر|خسته نباشید|ببخشید)"
)
_PRESENTED: Final = re.compile(
    rf"(?:(?:(?<!\w)(?:من|بنده|اینجانب|{_GREETING})[ ،,.!؛]{{1,3}}){{1,5}}|^ {{0,3}})"
    rf"{_WORDS} (?:هستم|ام)(?!\w)",
    re.MULTILINE,
)
_CAPITAL: Final = r"[A-Z][a-z'’-]{1,19}"
_PRESENTED_EN: Final = re.compile(
    r"\b(?:[Ii] am|[Ii]['’]m|[Tt]his is) "
    rf"(?P<name>{_CAPITAL}(?: {_CAPITAL}){{1,2}}|{_CAPITAL}(?= (?:from|here)\b))(?![\w'’-])"
)
_NO_NAMES: Final = frozenset(
    """
    سلام درود وقت در از به با برای که هم یک یه خیلی همون همان دنبال علاقه مند علاقمند مشتری خریدار
    فروشنده مدیر منتظر
    هنوز الان اینجا کارمند چی چیه این اون ان را رو تا اگر اگه ولی اما قبلا نه بله شما ما من
    interested looking calling writing coming not very here from sorry happy sure new the a an
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)


def name_in(folded: str) -> slice | None:
    """The place of the name. What merely may be one (`من خسته هستم`) is none."""
    for pattern in _PATTERNS:
        for found in pattern.finditer(folded):
            if not _NO_NAMES & set(found["name"].lower().split()):
                return slice(found.start("name"), _without_is(found))
    for found in _PRESENTED.finditer(folded):
        if _is_known(found["name"].split()):
            return slice(*found.span("name"))
    for found in _PRESENTED_EN.finditer(folded):
        if not _NO_NAMES & set(found["name"].lower().split()):
            return slice(*found.span("name"))
    return None


def _without_is(found: re.Match[str]) -> int:
    """Where the name ends when "is" is written onto it: `ساراست`, `علیه`."""
    last = found["name"].split()[-1]
    for is_ in ("است", "ست", "ه"):
        if last not in _GIVEN and last.removesuffix(is_) in _GIVEN:
            return found.end("name") - len(is_)
    return found.end("name")


def _is_known(words: list[str]) -> bool:
    """Whether they begin with a given name, or a form of address that only names follow."""
    if _NO_NAMES & set(words):
        return False
    bare = [word for word in words if word not in _TITLES]
    return bool(bare) and (bare[0] in _GIVEN or words[0] in ("اقای", "خانم"))
