"""The gallery of the demo in a real browser, and the pictures that are taken of it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from examples.association import create_app, gallery
from examples.association.gallery import sheet
from examples.association.gallery.camera import Picture, take
from examples.association.gallery.view import ROOT, View
from tests.browser.servers import served

pytestmark = [
    pytest.mark.browser,
    pytest.mark.chromium("the pictures are taken in it"),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo with its gallery."""
    demo = create_app({"DATA": tmp_path_factory.mktemp("demo")})
    gallery.mount(demo)
    return demo


@pytest.fixture(scope="module")
def url(demo):
    with served(demo) as port:
        yield f"http://127.0.0.1:{port}"


def size(file: Path) -> tuple[int, int]:
    with Image.open(file) as image:
        return image.size


def test_a_button_in_a_window_answers_and_decides_nothing(browser, demo, url):
    """
    Whoever presses a button in the gallery reads that nothing is decided there; the banner
    stays, the browser keeps no cookie and the demo records nothing.
    """
    context = browser.new_context()
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{url}{ROOT}/?placement=bar&width=1280")
    banner = page.frame_locator("iframe").locator("#consent")

    banner.locator("button[value=accept]").click()

    expect(banner.get_by_role("alert")).to_contain_text("nichts gespeichert")
    assert context.cookies() == []
    assert complaints == []
    assert demo.extensions["consentry"].store.count() == 0
    context.close()


def test_a_picture_shows_the_whole_layer(browser, url, tmp_path):
    """
    A picture of what lies over a page is as large as the window; one of a page of its own is
    as long as the page. A sheet shows them side by side.
    """
    pictures = [Picture(View("de", layer=layer, width="320")) for layer in ("dialog", "settings")]

    with closing(browser.launch_keeping_pages()) as camera:
        take(camera, url, [(picture, tmp_path / picture.name) for picture in pictures])
    (page,) = sheet.write(tmp_path, pictures)

    sizes = [size(tmp_path / picture.name) for picture in pictures]
    assert sizes[0] == (320, 640)
    assert sizes[1][0] == 320
    assert sizes[1][1] > 1000
    assert all(f'src="{picture.name}"' in page.read_text("utf-8") for picture in pictures)
