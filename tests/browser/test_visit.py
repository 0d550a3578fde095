"""``flask consent check --visit``: what a running site does before anybody has decided."""

from __future__ import annotations

import pytest
from flask import redirect

from consent.check.visit import wander
from consent.errors import CheckError
from consent.web.report.visited import findings

pytestmark = [
    pytest.mark.browser,
    pytest.mark.chromium("the command drives a Chromium"),
]

FAR = "<p style='height: 400vh'>Text</p>"


@pytest.fixture
def found(site, browser, monkeypatch):
    """Return what is told of the site, and the paths of the pages that were opened."""
    monkeypatch.setattr("consent.check.visit.REST", 300)

    def found(most=9):
        seen = wander(browser, f"{site.url}/", "de", most)
        paths = [page.removeprefix(site.url) for page in seen.pages]
        return list(findings(site.app.extensions["consentry"], seen)), paths

    return found


#: Pages that each page of the site links: in its menu, and in the banner.
LINKED = ["/datenschutz", "/impressum", "/andere"]


def test_a_site_that_keeps_its_word_is_quiet(site, found):
    """
    What waits for consent, and what the site itself does, is nothing to be told (GA-01).
    """
    site.page(
        '{% gate "youtube" %}<iframe src="https://www.youtube.com/x"></iframe>{% endgate %}'
        "<img src=/bild.svg alt=Bild><img src=data:image/gif;base64,R0lGODlhAQABAAAAACw= alt=x>"
        "<script>fetch(URL.createObjectURL(new Blob(['x'])))</script>"
    )

    assert found() == ([], ["/", *LINKED])


@pytest.mark.parametrize(
    "markup",
    [
        "<script src={}></script>",
        "<script>fetch('{}')</script>",
        "<script>setTimeout(() => fetch('{}'), 100)</script>",
        f"{FAR}<img loading=lazy src={{}} alt=x>",
        "<link rel=preload as=image href={}>",
        "<script>new Worker(URL.createObjectURL(new Blob(['fetch(\"{}\")'])))</script>",
        "<script>new WebSocket('{}'.replace('http', 'ws'))</script>",
        "<iframe srcdoc='<img src={}>'></iframe>",
    ],
    ids=["script", "fetch", "later", "below", "preload", "worker", "socket", "frame"],
)
def test_whoever_else_is_asked_is_named(site, third, found, markup):
    """
    A browser shows what no reading of the page does: whatever asks somebody else, in whatever way,
    and on which page (GA-01).
    """
    site.page(markup.format(f"{third.origin}/x.js"))
    lines, _ = found()

    assert lines == ["/: asks matomo before its grant; hint: put a gate around what asks it"]


def test_a_service_that_does_not_wait_is_named(site, found):
    """
    A declared service is called by its name, and so is one that is known and not declared;
    of others the host is told.
    """
    hosts = ("www.youtube.com", "fonts.gstatic.com", "far.example")
    site.page("".join(f"<img src=https://{host}/x alt=x>" for host in hosts))
    lines, _ = found()

    assert [line.partition(";")[0] for line in lines] == [
        "/: asks youtube before its grant",
        "/: asks google-fonts, which is not declared",
        "/: asks far.example, which is not declared",
    ]


def test_links_of_the_site_are_followed(site, found):
    """
    Every page of the site is opened once, whatever its query; other hosts, files to be saved and
    what robots are told to leave are not.
    """
    site.page(
        "<a href=/a?x=1>a</a><a href=/a?x=2#b>a</a><a href=https://far.example/>b</a>"
        "<a href=/c download>c</a><a href=/d rel=nofollow>d</a><a href=mailto:a@b.example>e</a>"
    )
    site.page("<a href=/>home</a><a href=/deep>deep</a>", "/a")
    site.page("<img src=https://far.example/x alt=x>", "/deep")
    lines, pages = found()

    assert [page for page in pages if page not in LINKED] == ["/", "/a?x=1", "/deep"]
    assert [line.partition(",")[0] for line in lines] == ["/deep: asks far.example"]


def test_other_languages_are_opened_last(site, found):
    """
    A menu of languages takes none of the pages that a site has in the language it is seen in.
    """
    site.page(
        "<html lang=de><a href=/fr/ hreflang=fr>fr</a><a href=/en/ hreflang=en-GB>en</a>"
        "<a href=/it/ lang=it>it</a><a href=/a hreflang=de-AT>a</a>"
    )
    site.page("<html lang=de><a href=/b>b</a><a href=/en/>en</a>", "/a")
    site.page("<html lang=fr><a href=/fr/c>c</a><a href=/a hreflang=de>a</a>", "/fr/")
    pages = [page for page in found(99)[1] if page not in LINKED]

    assert pages[:4] == ["/", "/a", "/b", "/fr/"]
    assert sorted(pages) == ["/", "/a", "/b", "/en/", "/fr/", "/fr/c", "/it/"]


def test_a_site_that_leads_to_another_name_of_it_is_followed_there(site, browser, monkeypatch):
    """
    An address without the right name, or without HTTPS, leads to the one that the site has: its
    own links are the site's.
    """
    monkeypatch.setattr("consent.check.visit.REST", 0)
    port = site.url.rpartition(":")[2]
    site.page(f"<script>if (location.hostname !== '127.0.0.1') location = '{site.url}/'</script>")
    seen = wander(browser, f"http://localhost:{port}/", "de", 2)

    assert seen.pages == [f"{site.url}/", f"{site.url}/datenschutz"]


@pytest.mark.parametrize("by", ["server", "script"])
def test_what_a_link_leads_to_elsewhere_is_not_the_site(site, third, found, monkeypatch, by):
    """
    Where a link leads on to another host, nothing there is the site's: neither what is asked, nor
    what is kept, nor where it leads.
    """
    there = third.frame("there", "<script>localStorage.theirs = 1</script><img src=//far.example/>")
    pages = site.app.view_functions["page"]
    if by == "server":
        away = lambda path: redirect(there) if path == "out" else pages(path)  # noqa: E731
        monkeypatch.setitem(site.app.view_functions, "page", away)
    site.page(f"<script>location = '{there}'</script>", "/out")
    site.page("<a href=/out>out</a><a href=/a>a</a>")
    lines, opened = found()

    assert [page for page in opened if page not in LINKED] == ["/", "/a"]
    asks = "/out: asks matomo before its grant; hint: put a gate around what asks it"
    assert lines == ([asks] if by == "script" else [])


def test_who_leads_back_to_the_site_is_named(site, third, found, monkeypatch):
    """
    A link that comes back by way of another host tells that host who follows it (GA-01).
    """
    pages = site.app.view_functions["page"]
    back = f"{third.origin}/back?to={site.url}/b"
    monkeypatch.setitem(
        site.app.view_functions, "page", lambda path: redirect(back) if path == "a" else pages(path)
    )
    monkeypatch.setattr(
        type(third), "__call__", lambda _, environ, start: redirect(f"{site.url}/b")(environ, start)
    )
    site.page("<a href=/a>a</a>")
    lines, opened = found()

    assert "/b" in opened
    assert lines == ["/b: asks matomo before its grant; hint: put a gate around what asks it"]


def test_a_page_that_cannot_be_opened_costs_no_other(site, found):
    """
    One page that breaks off is left out, and the one after it is opened all the same.
    """
    site.break_off("/a")
    site.page("<a href=/a>a</a><a href=/b>b</a>")
    site.page("<img src=https://far.example/x alt=x>", "/b")
    lines, opened = found()

    assert [page for page in opened if page not in LINKED] == ["/", "/b"]
    assert [line.partition(",")[0] for line in lines] == ["/b: asks far.example"]


def test_who_never_answers_is_named(site, third, found, monkeypatch):
    """
    A page is looked at though somebody whom it asks does not answer, and that one is named (GA-01).
    """
    monkeypatch.setattr("consent.check.visit.PATIENCE", 2_000)
    source = third.script("never.js", never=True)
    site.page(
        f"<a href=/a>a</a><script>localStorage.mine = 1</script><script src={source}></script>"
    )
    lines, opened = found(most=2)

    assert opened == ["/", "/datenschutz"]
    assert [line.partition(";")[0] for line in lines] == [
        "/: asks matomo before its grant",
        "/: keeps local-storage mine, which nobody declared",
    ]


def test_a_link_that_leads_nowhere_is_passed_over(site, found):
    """
    An address that nobody can read, as where its host was forgotten in an editor, ends nothing.
    """
    site.page("<a href='http://[domain]/'>x</a><a href='http://[::1]x/'>x</a><a href=/a>a</a>")

    assert "/a" in found()[1]


def test_a_page_that_is_led_to_is_opened_once(site, found):
    """
    A first page that leads to another one is that one, also where it is linked.
    """
    site.page("<script>if (location.pathname === '/') location = '/de/'</script>")
    site.page("<a href=/de/>home</a>", "/de/")

    assert found()[1].count("/de/") == 1


def test_no_more_pages_are_opened_than_were_asked_for(site, found):
    """
    A site with thousands of pages is left after some.
    """
    site.page("".join(f"<a href=/{number}>x</a>" for number in range(9)))

    assert len(found(most=3)[1]) == 3


def test_whatever_is_kept_is_named(site, found):
    """
    Cookies and all other storage are told: of which service, or that nobody declared it; what the
    site needs is not (PS-03).
    """
    site.page("""<script>
      document.cookie = "_pk_id.1=x"; document.cookie = "other=x"; document.cookie = "session=x"
      localStorage.mine = 1; sessionStorage.too = 1
      indexedDB.open("base"); caches.open("pages")
    </script>""")
    lines, _ = found()

    nobody = ", which nobody declared; hint: name it in essential if the site needs it"
    assert sorted(lines) == [
        "/: keeps cache-storage pages" + nobody,
        "/: keeps cookie _pk_id.1 of matomo before its grant",
        "/: keeps cookie other" + nobody,
        "/: keeps indexed-db base" + nobody,
        "/: keeps local-storage mine" + nobody,
        "/: keeps session-storage too" + nobody,
    ]


def test_going_through_decides_nothing(site, found):
    """
    No button is pressed and no form is sent: the log of the site stays as it was.
    """
    site.page("<a href=/a>a</a><form action=/kontakt method=post><button>x</button></form>")
    found()

    assert (site.events(), site.sent) == ([], 0)


@pytest.mark.parametrize(
    ("path", "told"),
    [("http://127.0.0.1:9/", "net::ERR"), (f"/consent/notice/{'0' * 64}", "found 404")],
    ids=["nothing runs there", "no such page"],
)
def test_a_site_that_is_not_there_is_told(site, browser, path, told):
    """
    Where nothing can be opened, nothing is called quiet.
    """
    with pytest.raises(CheckError, match="hint: start it with flask run") as error:
        wander(browser, path if path.startswith("http") else site.url + path, "de")

    assert told in str(error.value)


@pytest.mark.parametrize(
    ("markup", "code", "told"),
    [
        ("", 0, "quiet: 2 pages opened, nobody else asked"),
        ("<img src=https://far.example/x alt=x>", 1, "/: asks far.example"),
    ],
    ids=["quiet", "loud"],
)
def test_the_command_tells_how_it_is(site, monkeypatch, markup, code, told):
    """
    The command ends with 0 where all is well, else with 1 and a line for each finding.
    """
    monkeypatch.setattr("consent.check.visit.REST", 300)
    site.page(markup)
    answer = site.run("check", "--visit", site.url, "--pages", "2")

    assert answer.exit_code == code, answer.output
    assert told in answer.output
    assert answer.stderr.splitlines() == [site.url, f"{site.url}/datenschutz"]


def test_pages_are_counted_by_visiting_alone(site):
    """
    A number of pages without the visit is a slip, and is told.
    """
    answer = site.run("check", "--pages", "2")

    assert answer.exit_code == 2
    assert "--pages goes with --visit" in answer.output
