"""The page of origin where a form says nothing that can be read as one."""

from __future__ import annotations

import pytest

from services.capture.reading.attribution import Origins, attributed

NO_PAGES = (
    "about:blank", "null", "undefined", "javascript:alert(1)", "file:///home/a.html",
    "http://[::1", "http://", "?gclid=Q", "android-app:x",
)  # fmt: skip
SEO = "https://nil.example/services/seo"


@pytest.mark.parametrize("said", NO_PAGES)
def test_what_is_no_page_hides_no_better_one_and_is_kept(said: str) -> None:
    for origins, page in (
        (Origins(SEO, "nil.example/contact"), SEO),
        (Origins(None, "nil.example/contact"), "nil.example/contact"),
        (Origins("https://nil.example/", "nil.example/contact"), "nil.example/contact"),
        (Origins("about:client", "nil.example/contact"), "nil.example/contact"),
        (Origins(said, None), None),
    ):
        found, rest = attributed({"page_url": said, "city": "تهران"}, origins)
        assert found.page_url == page
        assert rest == {"page_url": said, "city": "تهران"}


@pytest.mark.parametrize(
    ("origins", "page"),
    [
        (Origins("https://nil.example/"), "https://nil.example/services/seo?gclid=Q"),
        (Origins(None, None, "https://nil.example"), "https://nil.example/services/seo?gclid=Q"),
        (Origins(None, "nil.example/a", "null"), "nil.example/a"),
        (Origins("https://[::1", "nil.example/a"), "nil.example/a"),
        (Origins("https://leads.example/v1/forms/a", "nil.example/a"), "nil.example/a"),
    ],
)
def test_a_path_alone_is_of_the_host_that_it_came_from(origins: Origins, page: str) -> None:
    found, rest = attributed({"page_url": "/services/seo?gclid=Q"}, origins)
    assert found.page_url == page
    assert found.click_ids == {"gclid": "Q"}
    assert rest == {"page_url": "/services/seo?gclid=Q"}


def test_a_page_that_is_one_is_taken_as_sent() -> None:
    found, rest = attributed({"page_url": "nil.example/a"}, Origins(SEO, "nil.example/contact"))
    assert (found.page_url, rest) == ("nil.example/a", {})
