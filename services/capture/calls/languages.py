"""Which of the two languages somebody reads."""

from __future__ import annotations

import re
from typing import Final, Literal

Language = Literal["fa", "en"]

_ARABIC_SCRIPT: Final = re.compile(r"[\u0620-\u064a\u066e-\u06d3]+")
_LATIN: Final = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?")
_ENGLISH: Final = frozenset(
    """
    the i i'm i'd i've i'll am you your you're my we our us he she they it it's is isn't was
    were does don't doesn't did didn't can can't could will would should have has had how what
    what's when where why who which much many some any this that these with without from for
    about and but of please thanks thank hello hi hey dear good morning afternoon evening yes
    not need want like looking interested write send know
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
"""Common words; none that Persian in Latin letters has too (`to`, `in`, `man`, `are`, `do`)."""
_PERSIAN: Final = frozenset(
    """
    mikham mikhaham mikhastam mikhastim mikhad mikhaid gheymat gheimat gheymatesh qeymat qeimat
    chande chanda chetor chetori chetorid chejori chiye chie chist cheghadr cheghad cheqadr
    chera koja kojast mishe mishavad mishod mikone mikonam mikonid mikonin mitoonam mitonam
    mitunam mitavanam mitoonid mitonid mitunid mitooni lotfan mamnoon mamnun mamnoonam mamnunam
    motshakeram motashakeram hastam hastid hastin hasti daram darid darin nadaram nadarid shoma
    shomare shomarash shomaram tamas begirid begirin bezanid bezanin bedid bedin befrestid
    befrestin konid konin kardam kardid baraye baray khoob khub khoobid khubid khobid khobin
    khoobin khaste nabashid nabashin dorood dorud bekheir bekheyr bekhair tarahi sefaresh hazine
    hazineh moshavere moshavereh komak kheili kheyli kharid forosh foroosh soal soali javab
    emrooz emruz farda hanooz dige digeh khanom khanoom
    """.split()  # noqa: SIM905 - words under words read better than a thousand quotation marks
)
"""Common words in Latin letters; not `salam`, which many languages have."""
_NO_WORD: Final = re.compile(r"(?<!\S)[^\s@/]*+[@/]\S*|\b(?:qr|sn)_\S+", re.IGNORECASE)
"""Addresses and start codes: their letters say nothing of who typed them."""


def reader_language(accept: str, default: str) -> Language:
    """The first of ours by the preferences of Accept-Language (RFC 9110, 12.5.4)."""
    best: tuple[float, Language] | None = None
    for part in accept[:500].split(","):
        tag, _, weight = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        quality = _quality(weight)
        if quality <= 0:
            continue
        if primary == "fa" and (best is None or quality > best[0]):
            best = (quality, "fa")
        elif primary == "en" and (best is None or quality > best[0]):
            best = (quality, "en")
    if best is not None:
        return best[1]
    return "en" if default == "en" else "fa"


def chat_language(words: str, stated: str) -> Language:
    """In which language to answer somebody in a chat: as they write, else as their app is set.

    Letters alone do not tell English (`SEO`, `ok`), common words do, and so they tell Persian in
    Latin letters. Where neither the words nor the app say, Latin letters are English's.
    """
    typed = _NO_WORD.sub(" ", words)
    latin = [found.lower().replace("’", "'") for found in _LATIN.findall(typed)]
    persian = len(_ARABIC_SCRIPT.findall(typed)) + sum(word in _PERSIAN for word in latin)
    english = sum(word in _ENGLISH for word in latin)
    if persian or english:
        return "fa" if persian >= english else "en"
    primary = re.split(r"[-_]", stated.strip().lower())[0]
    if primary:
        return "fa" if primary in {"fa", "persian", "farsi", "فارسی"} else "en"
    return "en" if latin else "fa"


def _quality(weight: str) -> float:
    name, _, value = weight.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
