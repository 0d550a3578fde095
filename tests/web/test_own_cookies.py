"""What the site itself stores: as little as possible, and only after a decision."""

import re
from html.parser import HTMLParser

import pytest

from consent.policy.wording import texts
from consent.web.assets import ROOT
from tests.conftest import POLICY, Visitor, events

GERMAN = texts("de")

#: Elements of HTML that load something by themselves, and where from.
LOADING = {"src", "srcset", "data", "poster", "background", "imagesrcset"}

MORE = """
[services.vimeo]
[services.google-maps]
[services.openstreetmap]
[services.etracker]
"""

#: Tracking as it is pasted: script, pixel for visitors without script, and hints.
PASTED = """
{% gate "matomo" %}
<link rel="preconnect" href="https://statistik.kreisverband.example">
<script src="https://statistik.kreisverband.example/matomo.js"></script>
<noscript><img src="https://statistik.kreisverband.example/matomo.php?idsite=1" alt=""></noscript>
<!-- https://statistik.kreisverband.example/ -->
{% endgate %}
"""


class Loads(HTMLParser):
    """Collects what a page loads by itself; what lies in a template does not."""

    def __init__(self):
        super().__init__()
        self.found, self.comments, self.noscript, self._depth = [], [], 0, 0

    def handle_starttag(self, tag, attrs):
        """Note an element that loads."""
        if tag == "template":
            self._depth += 1
        if self._depth:
            return
        self.noscript += tag == "noscript"
        named = dict(attrs)
        self.found += [value for name, value in attrs if name in LOADING]
        self.found += [named["href"]] if tag == "link" else []

    def handle_endtag(self, tag):
        """Leave a template."""
        self._depth -= tag == "template"

    def handle_comment(self, data):
        """Note a comment outside of templates."""
        if not self._depth:
            self.comments.append(data)


def loads(page):
    """Parse *page* as far as a browser would load from it."""
    parser = Loads()
    parser.feed(page)
    return parser


def set_cookies(response):
    return response.headers.getlist("Set-Cookie")


def shown(app, header):
    """The first page for somebody whose browser sends this as its cookies."""
    client = app.test_client(use_cookies=False)
    return client.get("/", base_url="https://kreisverband.example", headers={"Cookie": header}).text


def max_age(cookie):
    return int(re.search(r"Max-Age=(\d+)", cookie).group(1))


class TestBeforeADecision:
    @pytest.fixture
    def page(self, app, policy_file, make_app):
        """A page that uses six services, for somebody who has not decided."""
        policy_file.write_text(POLICY + MORE, encoding="utf-8")
        app = make_app(language=lambda: "de")
        gates = "".join(
            f'{{% gate "{id}" %}}<iframe src="https://{id}.example/"></iframe>{{% endgate %}}'
            for id in ("youtube", "vimeo", "google-maps", "openstreetmap", "etracker")
        )
        source = f"<head>{{{{ consent.head() }}}}</head>{{{{ consent.banner() }}}}{gates}{PASTED}"
        app.add_url_rule("/six", "six", lambda: app.jinja_env.from_string(source).render())
        return Visitor(app).get("/six").text

    def test_nothing_but_files_of_our_own_is_loaded(self, page):
        """
        Neither script, frame, picture nor hint leads to another host (PS-02).
        """
        assert page.count("<template data-consent=") == 6 + 2  # two tell their providers
        assert [url for url in loads(page).found if not url.startswith("/consent/static/")] == []
        assert loads(page).found

    @pytest.mark.parametrize("before", [None, "accept"])
    def test_nor_is_anything_else_by_what_asks(self, visitor, before):
        """
        Settings, receipt, notice and what scripts ask for load files of our own alone, and so do
        these: asking contacts nobody else (SE-11).
        """
        if before:
            visitor.decide(before)
        ours = ["settings", "settings?part=form", "receipt", f"notice/{visitor.notice()}", "state"]
        found = [url for path in ours for url in loads(visitor.get(f"/consent/{path}").text).found]
        files = [*ROOT.glob("static/css/**/*.css"), *ROOT.glob("static/js/*.js")]
        elsewhere = re.compile(r"https?://|url\(|@import")

        assert len(found) > len(ours)
        assert [url for url in found if re.match(r"(?i)\s*([a-z+]+:|[/\\]{2})", url)] == []
        assert len(files) > 10
        assert [file.name for file in files if elsewhere.search(file.read_text("utf-8"))] == []

    def test_no_pixel_hides_from_those_without_javascript(self, page):
        """
        Nothing is left for browsers without script, and no comment names a service (PS-10).
        """
        assert loads(page).noscript == 0
        assert loads(page).comments == []

    def test_after_consent_the_same_markup_is_seen(self, make_app):
        """
        The two promises above can be broken: what is granted does load from elsewhere.
        """
        app = make_app()
        app.add_url_rule("/tags", "tags", lambda: app.jinja_env.from_string(PASTED).render())
        visitor = Visitor(app)
        visitor.decide("accept")
        found = loads(visitor.get("/tags").text)

        assert len(found.found) == 3
        assert (found.noscript, len(found.comments)) == (1, 1)

    def test_no_address_of_the_site_sets_a_cookie(self, app, visitor):
        """
        Whatever is opened, an error too, nothing is stored and no session begins (PS-04, PS-07).
        """
        app.add_url_rule("/broken", "broken", lambda: 1 / 0)
        app.config["PROPAGATE_EXCEPTIONS"] = False
        notice = visitor.notice()
        ours = ["choice", "settings", "receipt", f"notice/{notice}", "notice/x"]
        ours += [f"notice/{notice}/style.css", "static/css/consent.css"]
        found = {}
        for path in ["/", "/plain", "/broken", "/missing", *(f"/consent/{name}" for name in ours)]:
            with visitor.get(path) as response:
                found[path] = set_cookies(response)

        assert {path: made for path, made in found.items() if made} == {}
        assert set_cookies(visitor.decide("nonsense")) == []
        assert set_cookies(visitor.decide("accept", headers={"Sec-Fetch-Site": "none"})) == []

    def test_files_are_the_same_for_everybody(self, visitor):
        """
        Style sheet and scripts depend on no cookie (PS-07).
        """
        for name in ("css/consent.css", "js/consent.js", "js/settings.js"):
            with visitor.get(f"/consent/static/{name}") as response:
                assert response.status_code == 200
                assert "Cookie" not in response.vary


class TestTheTwoCookies:
    @pytest.mark.parametrize("control", ["accept", "reject", "save", "allow"])
    def test_there_are_no_others(self, visitor, control):
        """
        A decision sets the choice, a grant the receipt as well, which a refusal takes away, and
        nothing sets a session (PS-05, PS-07).
        """
        made = set_cookies(visitor.decide(control, *(["youtube"] if control == "allow" else [])))
        names = [cookie.partition("=")[0] for cookie in made]
        kept = [cookie.partition("=")[0] for cookie in made if max_age(cookie)]

        expected = ["__Host-consent", "__Secure-consent-receipt"]
        assert names == expected
        assert kept == expected[: 2 if control in {"accept", "allow"} else 1]

    def test_the_choice_says_what_was_decided_and_no_more(self, app, visitor):
        """
        Version of the format, notice, day, services, signature: nothing else is in it (PS-05).
        """
        visitor.decide("save", "youtube")
        version, notice, day, services, signature = visitor.cookie().split(".")

        [event] = events(app)
        assert (version, services) == ("1", "youtube")
        assert event["recorded_at"].startswith(f"{day[:4]}-{day[4:6]}-{day[6:]}")
        assert len(notice) == 22
        assert len(signature) == 43
        assert event["receipt"] not in visitor.cookie()

    def test_the_settings_tell_how_long_they_are_kept(self, visitor):
        """
        Both are declared with their reason and exactly the period that they get (PS-09).
        """
        made = set_cookies(visitor.decide("accept"))
        page = visitor.get("/consent/settings").text

        for cookie, key in zip(made, ("choice", "receipt"), strict=True):
            name = cookie.partition("=")[0]
            days = max_age(cookie) // 86_400
            item = re.search(rf"<li><code>{name}</code> – (.*) \(Cookie, (\d+) Tage\)", page)
            assert item.groups() == (GERMAN[f"essential.{key}"], str(days))

    def test_they_are_kept_no_longer_than_the_decision_holds(self, make_app, policy_file):
        """
        A shorter lifetime of decisions is one of the cookies, too (PS-09, RP-07).
        """
        policy_file.write_text("lifetime = 30\n" + POLICY, encoding="utf-8")

        made = set_cookies(Visitor(make_app()).decide("accept"))

        assert [max_age(cookie) for cookie in made] == [30 * 86_400] * 2

    @pytest.mark.parametrize("control", ["accept", "reject"])
    def test_refusal_and_consent_are_kept_equally_long(self, visitor, control):
        """
        Who refused is left in peace as long as who agreed, half a year unless the site says
        otherwise (RP-01, RP-02, RP-03).
        """
        assert max_age(set_cookies(visitor.decide(control))[0]) == 180 * 86_400

    def test_coming_back_does_not_prolong_them(self, visitor, monkeypatch):
        """
        Visits set no cookie anew; the day that was signed counts (RP-09).
        """
        import time

        from consent.web import visit

        visitor.decide("accept")
        cookie, now = visitor.cookie(), time.time()
        for day in range(0, 200, 20):
            monkeypatch.setattr(visit.time, "time", lambda day=day: now + day * 86_400)
            response = visitor.get()
            visitor.get("/consent/settings")

            assert set_cookies(response) == []
            assert ('data-consent="matomo"' in response.text) == (day >= 180)
        assert visitor.cookie() == cookie

    @pytest.mark.parametrize("before", ["x=a ", "x=a; y= ", "\xa0", "x=a;\x85", "\x1f", "x"])
    def test_none_of_a_neighbour_passes_for_ours(self, app, visitor, before):
        """
        The prefix of the name keeps subdomains from setting it, so it counts only where the name
        of a cookie begins, as browsers see it: not behind a blank in somebody's value, and not
        behind what only Python takes for white space (SE-05).
        """
        visitor.decide("accept")
        page = shown(app, f"{before}__Host-consent={visitor.cookie()}")

        assert 'data-consent-layer="banner"' in page
        assert '<template data-consent="matomo">' in page

    @pytest.mark.parametrize("first", ["https", "http"])
    def test_the_script_is_told_which_of_the_names_is_ours(self, app, first):
        """
        Over HTTPS only the name with the prefix, whatever page was asked for first (SE-01, SE-14).
        """
        for scheme in (first, "https", "http"):
            page = Visitor(app, f"{scheme}://kreisverband.example").get().text

            assert ("data-consent-host" in page) is (scheme == "https")

    def test_the_script_is_told_what_it_states(self, visitor):
        """
        A page tells the script that nothing was decided, or that all is allowed, in the words of
        the cookie, so that a browser need not look for it on each page.
        """
        before = visitor.get().text
        visitor.decide("accept")

        told = re.findall(r'data-consent-told="([^"]*)"', before + visitor.get().text)
        assert told == ["", visitor.cookie().rpartition(".")[0]]

    @pytest.mark.parametrize(
        ("config", "headers"),
        [
            ({}, {"Sec-GPC": "1"}),
            ({}, {"Sec-Purpose": "prefetch"}),
            ({"CONSENT_STATIC_PAGES": True}, {}),
            ({"CONSENT_CSP": "default-src 'self'"}, {}),
        ],
        ids=["paused", "fetched in advance", "the same for all", "widened"],
    )
    def test_it_finds_out_where_a_page_cannot_say(self, make_app, config, headers):
        """
        Where somebody is asked once more, the page may be another visitor's, or the next one has to
        let more through, the script is told nothing (GA-07, GA-12, SG-03).
        """
        visitor = Visitor(make_app(**config))
        visitor.decide("accept")

        assert "data-consent-told" not in visitor.get(headers=headers).text

    @pytest.mark.parametrize("allowed", [(), ("youtube",)], ids=["nothing", "something"])
    def test_it_looks_where_something_was_refused(self, visitor, allowed):
        """
        Whoever refused has placeholders in the page, whose buttons the script has to show.
        """
        visitor.decide("save", *allowed)

        assert "data-consent-told" not in visitor.get().text

    def test_it_looks_itself_where_a_cookie_counts_for_nothing(self, visitor):
        """
        What a browser sends under our name, and nobody of us has signed, is not called nothing.
        """
        visitor.decide("accept")
        visitor.client.set_cookie(
            "__Host-consent", visitor.cookie() + "x", domain="kreisverband.example", secure=True
        )

        assert "data-consent-told" not in visitor.get().text

    @pytest.mark.parametrize("between", ["; ", ";", ";  ", ";\t", " ; ", "; ;"])
    def test_ours_is_found_among_others(self, app, visitor, between):
        """
        However a server joined what a browser sent, ours counts.
        """
        visitor.decide("accept")
        pairs = ["a=b", f"__Host-consent={visitor.cookie()}", "c=d"]
        for header in (between.join(pairs), between.join(pairs[:2]), between.join(pairs[1:])):
            assert 'data-consent-layer="banner"' not in shown(app, header)


class TestReading:
    QUERIES = (
        "decision=accept&layer=banner",
        "decision=reject&service=matomo",
        "decision=withdraw",
        "lang=en&format=jsonl&notice=x",
        "_method=POST&decision=accept",
    )

    @pytest.mark.parametrize("before", [None, "accept", "reject"])
    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_no_way_of_looking_at_a_page_decides(self, app, visitor, method, before):
        """
        On every address of ours, with whatever query, reading changes neither cookie nor log
        (PS-08).
        """
        if before:
            visitor.decide(before)
        notice = visitor.notice()
        held, known = visitor.cookie(), len(events(app))
        rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/consent")]
        headers = {"Sec-Fetch-Site": "same-origin", "X-HTTP-Method-Override": "POST"}
        for rule in rules:
            path = re.sub(r"<path:.*?>", "js/consent.js", rule.rule)
            path = re.sub(r"<.*?>", notice, path)
            for query in self.QUERIES:
                answer = visitor.client.open(
                    f"{path}?{query}", method=method, base_url=visitor.base_url, headers=headers
                )
                with answer:
                    assert set_cookies(answer) == []

        assert len(rules) >= 6
        assert (visitor.cookie(), len(events(app))) == (held, known)
