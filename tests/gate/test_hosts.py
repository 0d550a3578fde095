"""Which service an address belongs to."""

from time import process_time

import pytest

from consent.gate.hosts import Hosts

HOSTS = Hosts(
    {
        "youtube": ["www.youtube.com", "*.youtube-nocookie.com"],
        "maps": ["www.google.com/maps"],
        "folder": ["www.google.com/karten/"],
        "search": ["www.google.com"],
        "local": ["localhost:5001"],
        "street": ["strasse.example"],
        "letters": ["a0z9.example"],
    }
)


@pytest.mark.parametrize(
    ("address", "service"),
    [
        ("https://www.youtube.com/embed/x", "youtube"),
        ("//www.youtube-nocookie.com/embed", "youtube"),
        ("HTTPS:\\\\WWW.YouTube.com/x", "youtube"),
        (" \nhttps://www.you\ttube.com", "youtube"),
        ("https://user:word@www.youtube.com./x", "youtube"),
        ("https://a\u2100b@www.youtube.com/x", "youtube"),
        ("https://[@www.youtube.com/x", "youtube"),
        ("https://[x]:y@www.youtube.com/x", "youtube"),
        ("ftp://www.youtube.com/x", "youtube"),
        ("https://www%2Eyoutube.com/", "youtube"),
        ("https://ｗｗｗ.youtube.com/", "youtube"),
        ("https://www\u3002youtube.com\u3002/", "youtube"),
        ("https://www.yo\U0001f144t\u1d41be.com/", "youtube"),
        ("https://\U0001ccec\U0001ccecw.youtube.com/", "youtube"),
        ("https://www.goo\U0001ccdcle.com/", "search"),
        ("http://localho\ua7f1t:5001/x", "local"),
        ("https://\U0001ccd6\U0001ccf0\U0001ccef\U0001ccf9.example/x", "letters"),
        ("https://www.you\xadtube.com/", "youtube"),
        ("https://www.you\u2064tu\U000e0100be.com/", "youtube"),
        ("https://www.you\u200dtube.com/", None),
        ("https://strasse.example/", "street"),
        ("https://straße.example/", None),
        ("https:///www.youtube.com/x", "youtube"),
        ("/\\www.youtube.com/x", "youtube"),
        ("https:www.youtube.com/x", "youtube"),
        ("//www.youtube.com:8443/x", "youtube"),
        ("https://www.youtube.com:65535/x", "youtube"),
        ("https://www.google.com/maps", "maps"),
        ("https://www.google.com/maps/embed?pb=1", "maps"),
        ("https://www.google.com/maps?pb=1", "maps"),
        ("https://www.google.com/maps#x", "maps"),
        ("https://www.google.com/karten/.", "folder"),
        ("https://www.you\rtube.com", "youtube"),
        ("https://www.google.com/mapsx", "search"),
        ("https://www.google.com/a/../maps/embed", "maps"),
        ("https://www.google.com/a/.%2e/maps/embed", "maps"),
        ("https://www.google.com/%6daps", "maps"),
        ("https://www.google.com/.//maps/", "maps"),
        ("https://www.google.com/maps/..", "search"),
        ("https://www.google.com/karten/x", "folder"),
        ("https://www.google.com/karten/", "folder"),
        ("https://www.google.com/karten/x/..", "folder"),
        ("https://www.google.com/karten", "search"),
        ("https://www.google.com/recaptcha", "search"),
        ("http://localhost:5001/x", "local"),
        ("http://localhost/x", None),
        ("https://youtube-nocookie.com/", None),
        ("https://www.youtube.com.evil.example/", None),
        ("https://evil.example/www.youtube.com", None),
        ("https://evilyoutube-nocookie.com/", None),
        ("/embed/www.youtube.com", None),
        ("embed.html", None),
        ("https://[::1", None),
        ("https://www.youtube.com:99999/", None),
        (f"https://www.youtube.com:{'9' * 5000}/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("", None),
        ("https://", None),
    ],
)
def test_an_address_is_read_as_a_browser_reads_it(address, service):
    """
    No spelling of an address that a browser would follow hides which service it is (GA-03).
    """
    assert HOSTS.service(address) == service


@pytest.mark.parametrize("end", ["", "www.youtube-nocookie.com", "youtube-nocookie.com:443"])
def test_a_name_that_is_longer_than_any_is_read_in_a_moment(end):
    """
    Nobody can hold up a page with an endless name of a host, in a text or in their request.
    """
    start = process_time()

    assert HOSTS.service(f"https://{'a.' * 30_000}{end}/") is None
    assert HOSTS.all_at(f"{'a.' * 30_000}{end}") == ()
    assert process_time() - start < 1
