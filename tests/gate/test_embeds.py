"""Embeds are asked for in the way of their provider that keeps least about visitors."""

from __future__ import annotations

import pytest

from consent.gate.embeds import sparing

MAP = '<iframe src="https://www.google.com/maps/embed?pb=1" referrerpolicy="{}"></iframe>'


@pytest.mark.parametrize(
    ("adapter", "found", "made"),
    [
        ("youtube", "https://www.youtube.com/embed/a?t=3", "youtube-nocookie.com/embed/a?t=3"),
        ("youtube", "//youtube.com/embed/a", '"//www.youtube-nocookie.com/embed/a"'),
        ("youtube", "//WWW.YouTube.com/embed/a", '"//www.youtube-nocookie.com/embed/a"'),
        ("vimeo", "https://player.vimeo.com/video/76979871", "video/76979871?dnt=1"),
        ("vimeo", "https://player.vimeo.com/video/1?h=a&amp;t=2#x", "/1?dnt=1&amp;h=a&amp;t=2#x"),
        ("vimeo", "https://player.vimeo.com/video/1?", '/1?dnt=1"'),
        ("vimeo", "https://Player.Vimeo.com/video/1", '/1?dnt=1"'),
    ],
)  # fmt: skip
def test_a_film_is_asked_for_without_cookies(adapter, found, made):
    """
    Films of YouTube come in its privacy-enhanced mode, films of Vimeo with its "dnt" (GA-17).
    """
    assert made in sparing(f'<iframe src="{found}"></iframe>', adapter)


def test_a_map_is_not_told_which_page_it_is_on():
    """
    Google's own snippet tells the whole address of the page; ours tells the site (GA-17).
    """
    made = sparing(MAP.format("no-referrer-when-downgrade"), "google-maps")

    assert made == MAP.format("strict-origin-when-cross-origin")


@pytest.mark.parametrize(
    ("adapter", "markup"),
    [
        (None, '<iframe src="https://www.youtube.com/embed/a"></iframe>'),
        ("matomo", '<iframe src="https://www.youtube.com/embed/a"></iframe>'),
        ("youtube", '<iframe src="https://www.youtube-nocookie.com/embed/a"></iframe>'),
        ("youtube", '<a href="https://www.youtube.com/watch?v=a">Film</a>'),
        ("youtube", '<iframe src="https://youtube.com.example/embed/a"></iframe>'),
        ("vimeo", '<iframe src="https://player.vimeo.com/video/1?h=a&amp;dnt=1"></iframe>'),
        ("vimeo", '<iframe src="https://player.vimeo.com/video/1?dnt=0"></iframe>'),
        ("google-maps", MAP.format("no-referrer")),
    ],
)
def test_what_needs_no_change_stays(adapter, markup):
    """
    What is sparing already, says so itself or is something else is left as it is.
    """
    assert sparing(markup, adapter) == markup
