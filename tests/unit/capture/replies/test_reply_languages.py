"""In which language a chat is answered."""

from __future__ import annotations

import pytest

from services.capture.calls.languages import chat_language


@pytest.mark.parametrize(
    ("words", "stated", "language"),
    [
        ("سلام، قیمت؟", "en", "fa"),
        ("hello", "en-US", "en"),
        ("salam, gheymat?", "fa", "fa"),
        ("salam, gheymat mikhastam", "en", "fa"),
        ("Salam, tarahi site chande?", "", "fa"),
        ("in site chetor kar mikone, mishe komak konid?", "en", "fa"),
        ("hello", "", "en"),
        ("Hello, how much is a website?", "fa", "en"),
        ("hi", "fa-IR", "en"),
        ("I need a site, 09121234567", "fa", "en"),
        ("Salam, how much is SEO?", "fa", "en"),
        ("Hi, I am Sara (سارا) and I need a website", "fa", "en"),
        ("سلام، قیمت Google Ads و SEO؟", "en", "fa"),
        ("قیمت Google Ads Instagram SEO", "en", "fa"),
        ("سلام website price?", "en", "fa"),
        ("سلام، how much is it?", "fa", "en"),
        ("SEO price", "fa", "fa"),
        ("SEO", "fa", "fa"),
        ("SEO", "en", "en"),
        ("salam", "en", "en"),
        ("salam", "fa", "fa"),
        ("ok", "fa", "fa"),
        ("👍", "fa", "fa"),
        ("👍", "en", "en"),
        ("۰۹۱۲ ۱۲۳ ۴۵ ۶۷", "en", "en"),
        ("hello@nil.example", "fa", "fa"),
        ("/start", "fa", "fa"),
        ("I'd like a quote", "fa", "en"),
        ("DON’T CALL, PLEASE WRITE", "fa", "en"),
        ("hallo", "de", "en"),
        ("", "", "fa"),
        ("0912", "", "fa"),
        ("qr_expo26", "", "fa"),
        ("https://nil.example/seo", "", "fa"),
        ("", "en", "en"),
    ],
)
def test_the_language_is_that_of_the_words_then_of_the_app_then_of_the_script(
    words: str, stated: str, language: str
) -> None:
    assert chat_language(words, stated) == language


@pytest.mark.parametrize("letter", ["a", "س"])
def test_a_word_without_an_end_is_read_in_one_go(letter: str) -> None:
    """Read anew from each of its letters it would hold everything else up for minutes."""
    assert chat_language(letter * 300_000, "") == ("en" if letter == "a" else "fa")
