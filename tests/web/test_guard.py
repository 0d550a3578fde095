"""Cookies that the site's own code sets, and those of earlier days."""

from http.cookies import SimpleCookie

import pytest
from flask import Response, current_app, make_response, session

from tests.conftest import POLICY, Visitor

HOST = "kreisverband.example"


@pytest.fixture
def setting(app):
    """Let the page at /plain set cookies."""

    def setting(*cookies, app=app, body="text"):
        def plain():
            response = make_response(body)
            for cookie in cookies:
                response.headers.add("Set-Cookie", cookie)
            return response

        app.view_functions["plain"] = plain

    return setting


def names(response):
    return [cookie.partition("=")[0] for cookie in response.headers.getlist("Set-Cookie")]


def expired(response):
    """Name, path and domain of each cookie that the answer takes away."""
    found = set()
    for header in response.headers.getlist("Set-Cookie"):
        # Which Python knows from 3.14 on.
        ((name, morsel),) = SimpleCookie(header.removesuffix("; Partitioned")).items()
        if morsel["max-age"] == "0":
            found.add((name, morsel["path"], morsel["domain"]))
    return found


def setting_always(*cookies, asks=None):
    """What sets *cookies* with every answer, where the service that it *asks* for may run."""

    def set_them(response):
        if not asks or current_app.jinja_env.globals["consent"].permits(asks):
            for cookie in cookies:
                response.headers.add("Set-Cookie", cookie)
        return response

    return set_them


class TestWhatTheSiteSets:
    @pytest.mark.parametrize("name", ["_pk_id.7.1a2b3c4d", " _pk_id.7.1a2b3c4d\t"])
    def test_a_service_that_is_not_granted_cannot_be_set(self, visitor, setting, caplog, name):
        """
        Code of the site that sets a declared service's cookie without asking sets nothing, and
        the operator is told once, without what is in the cookie (PS-01). Browsers read a name
        without the white space around it.
        """
        setting(f"{name}=secret; Path=/; HttpOnly", "cart=1; Path=/")

        answers = [visitor.get("/plain"), visitor.get("/plain")]

        assert [names(answer) for answer in answers] == [["cart"], ["cart"]]
        assert caplog.text.count("_pk_id.*.* of matomo, which is not granted") == 1
        assert "secret" not in caplog.text
        assert "1a2b3c4d" not in caplog.text

    def test_a_service_that_is_granted_can(self, visitor, setting):
        """
        After consent the site's code sets the service's cookies as it likes.
        """
        setting("_pk_id.1.ab=x; Path=/")
        visitor.decide("accept")

        assert names(visitor.get("/plain")) == ["_pk_id.1.ab"]

    def test_an_answer_that_depends_on_it_is_private(self, visitor, setting):
        """
        Whether the cookie is in an answer depends on the choice, so no shared cache keeps it.
        """
        setting("_pk_id.1.ab=x; Path=/")

        assert "Cookie" in visitor.get("/plain").vary

    @pytest.mark.parametrize(
        "ending", ["Max-Age=0", "max-age=-1", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"]
    )
    def test_deleting_is_always_allowed(self, visitor, setting, ending):
        """
        The site's own tidying up gets through.
        """
        setting(f"_pk_id.1.ab=; {ending}; Path=/", f"_pk_id.1.ab=; Path=/; {ending}")

        assert names(visitor.get("/plain")) == ["_pk_id.1.ab"] * 2

    @pytest.mark.parametrize(
        "ending",
        [
            "Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "Max-Age=0x",
            "Expires=Fri, 01 Jan 2038 00:00:00 GMT; Comment=1970",
        ],
    )
    def test_what_only_looks_like_deleting_is_none(self, visitor, setting, ending):
        """
        Browsers keep a cookie that has a time to live beside a day in the past, or one that is no
        number (PS-01).
        """
        setting(f"_pk_id.1.ab=1; {ending}; Path=/")

        assert names(visitor.get("/plain")) == []

    @pytest.mark.parametrize("path", ["settings", "state", "static/js/consent.js", "audit/", "x"])
    def test_so_it_is_on_our_own_pages(self, visitor, app, caplog, path):
        """
        What sets a cookie with every answer of the app sets none with ours either: neither before a
        decision nor by the settings (PS-01).
        """
        app.after_request(setting_always("_pk_id.1.ab=1; Path=/", "cart=1; Path=/"))

        first = names(visitor.get(f"/consent/{path}"))
        visitor.decide("accept")

        assert first == ["cart"]
        assert names(visitor.get(f"/consent/{path}")) == ["_pk_id.1.ab", "cart"]
        assert caplog.text.count("of matomo, which is not granted") == 1

    @pytest.mark.parametrize("asks", [False, True], ids=["always", "where it may"])
    def test_a_decision_counts_in_its_own_answer(self, visitor, app, caplog, asks):
        """
        The answer to a grant may bring the first cookie of the service. That to a withdrawal, and
        to a refusal from the start, takes it away and brings none, whatever the site's own code
        still sets in it; code that asks first is right, too (PS-01, WD-05).
        """
        app.after_request(setting_always("_pk_id.1.ab=1; Path=/", asks=asks and "matomo"))
        refused = visitor.decide("reject")
        before = visitor.cookie("_pk_id.1.ab")
        visitor.decide("accept")
        granted = visitor.cookie("_pk_id.1.ab")
        taken_back = visitor.decide("withdraw")

        assert names(refused) == ["__Host-consent", "__Secure-consent-receipt"]
        assert (before, granted) == (None, "1")
        assert visitor.cookie("_pk_id.1.ab") is None
        assert ("_pk_id.1.ab", "/", "") in expired(taken_back)
        assert ("was taken out" in caplog.text) is not asks

    def test_other_cookies_are_the_site_s_matter(self, visitor, setting, caplog):
        """
        Unless it asks for more, the site sets what it likes beside what it declared, and nothing
        is said about it.
        """
        setting("cart=1; Path=/", "lang=de")

        response = visitor.get("/plain")

        assert names(response) == ["cart", "lang"]
        assert "Vary" not in response.headers
        assert caplog.records == []

    def test_a_strict_site_sets_what_it_declared(self, make_app, policy_file, setting, caplog):
        """
        With the strict setting a cookie that nobody declared is taken out and named once; what
        the site needs, Flask's session and our own stay (PS-09).
        """
        policy_file.write_text(
            POLICY + '[[essential]]\nname = "cart*"\nduration = "session"\ncontent = "Warenkorb"\n',
            encoding="utf-8",
        )
        app = make_app(CONSENT_STRICT_COOKIES=True)

        def plain():
            session["user"] = "a"
            response = Response("text")
            for name in ("cart_1", "lang", "tracker_12345678"):
                response.set_cookie(name, "x")
            return response

        app.view_functions["plain"] = plain
        visitor = Visitor(app)

        found = names(visitor.get("/plain"))
        answer = visitor.decide("accept")

        assert found == ["cart_1", "session"]
        assert caplog.text.count("cookie lang, which consent.toml does not have") == 1
        assert "tracker_*" in caplog.text
        assert names(answer) == ["__Host-consent", "__Secure-consent-receipt"]


class TestWhatIsLeft:
    def put(self, visitor, *cookies):
        for name in cookies:
            visitor.client.set_cookie(name, "x", domain=HOST)

    def test_what_a_withdrawal_left_goes_with_the_next_pages(self, visitor):
        """
        A tracker that writes its cookie once more while the page is left does not keep it: each
        page takes away what is declared and not granted, in every place (WD-05).
        """
        visitor.decide("accept")
        visitor.decide("withdraw")
        self.put(visitor, "_pk_id.1.ab")

        response = visitor.get("/plain")

        assert expired(response) == {
            ("_pk_id.1.ab", path, domain) for path in ("/", "/plain") for domain in ("", HOST)
        }
        assert visitor.cookie("_pk_id.1.ab") is None
        assert names(visitor.get("/plain")) == []

    @pytest.mark.parametrize("path", ["/", "/plain"])
    def test_what_was_there_before_any_decision_goes(self, visitor, path):
        """
        Who brings the cookie of a tracker and has decided nothing, as from before the site asked,
        loses it on every page, be it one that asks or not (WD-05).
        """
        self.put(visitor, "_pk_id.1.ab")

        assert "_pk_id.1.ab" in names(visitor.get(path))
        assert visitor.cookie("_pk_id.1.ab") is None

    def test_an_answer_that_takes_something_away_is_one_visitor_s(self, visitor):
        """
        What goes depends on the choice and on what a browser brought, so no shared cache keeps
        the answer (GA-07).
        """
        self.put(visitor, "_pk_id.1.ab")

        response = visitor.get("/plain")

        assert "Cookie" in response.vary
        assert response.cache_control.private

    def test_below_a_mount_point_it_goes_too(self, app):
        """
        A site that is not alone on its host takes cookies away where its pages are (WD-05).
        """
        visitor = Visitor(app, base_url=f"https://{HOST}/verein")
        self.put(visitor, "_pk_id.1.ab")

        paths = {path for _, path, _ in expired(visitor.get("/plain"))}

        assert paths == {"/", "/verein", "/verein/", "/verein/plain"}

    def test_what_is_granted_stays(self, visitor):
        """
        Cookies of a granted service are left alone, and so are those of nobody.
        """
        visitor.decide("accept")
        self.put(visitor, "_pk_id.1.ab", "cart")

        assert names(visitor.get("/plain")) == []

    def test_what_was_there_before_goes_too(self, visitor):
        """
        Cookies of a time when nobody asked are taken away from whoever has not agreed.
        """
        self.put(visitor, "_pk_id.1.ab", "_pk_ses.1.ab")

        assert {name for name, _, _ in expired(visitor.get("/plain"))} == {
            "_pk_id.1.ab",
            "_pk_ses.1.ab",
        }

    def test_one_alone_goes_too(self, visitor):
        """
        So is one that is the only cookie a browser brings, as after a consent that has expired.
        """
        self.put(visitor, "_pk_id.1.ab")

        assert names(visitor.get("/plain"))[0] == "_pk_id.1.ab"

    @pytest.mark.parametrize(("policy", "pages"), [(200, 1), (1500, 1), (3000, 1), (6000, 2)])
    def test_with_a_long_policy_an_answer_stays_small(self, make_app, policy, pages):
        """
        What expires beside a long Content-Security-Policy makes no answer that a proxy refuses:
        nginx reads headers into pages of 4 kB, as many as it was given (docs/deployment.md). All
        of it is gone after some pages (WD-05).
        """
        visitor = Visitor(make_app(CONSENT_CSP=f"img-src https://{'x' * policy}.example"))
        found = [f"_pk_id.{n}.ab" for n in range(40)]
        self.put(visitor, *found)
        answers = []
        while any(map(visitor.cookie, found)):
            answers.append(visitor.get())

        assert 1 < len(answers) < 20
        for answer in answers:
            lines = [f"{name}: {value}\r\n" for name, value in answer.headers]
            assert len("".join(lines)) < pages * 4096 - 300  # of the server, and of a proxy before

    def test_a_signal_alone_takes_nothing_away(self, visitor):
        """
        A service that rests because of a signal keeps its cookies until the visitor decides.
        """
        visitor.decide("accept")
        self.put(visitor, "_pk_id.1.ab", "cart")

        assert names(visitor.get("/plain", headers={"Sec-GPC": "1"})) == []

    def test_a_page_with_nothing_to_take_away_stays_public(self, visitor, app):
        """
        A visitor with cookies of the site's own does not make its pages private.
        """
        self.put(visitor, "cart", "lang")
        app.view_functions["plain"] = lambda: Response("x", headers={"Cache-Control": "public"})

        assert visitor.get("/plain").headers["Cache-Control"] == "public"

    def test_pages_for_everybody_take_nothing_away(self, make_app):
        """
        A page that any cache may keep carries no visitor's expiries (GA-07).
        """
        visitor = Visitor(make_app(CONSENT_STATIC_PAGES=True))
        self.put(visitor, "_pk_id.1.ab", "cart")

        assert names(visitor.get("/plain")) == []

    def test_only_pages_are_looked_at(self, visitor, app):
        """
        Pictures and data are served without a look at what else the browser holds.
        """
        self.put(visitor, "_pk_id.1.ab", "cart")
        app.view_functions["plain"] = lambda: {"a": 1}

        assert names(visitor.get("/plain")) == []

    def test_our_own_and_the_session_are_never_taken_away(self, make_app, policy_file):
        """
        Not even a service with a pattern for nearly everything takes away the decision or a login.
        """
        careless = (
            '\n[[services.matomo.items]]\nname = "*e*"\nkind = "cookie"\nduration = "session"\n'
        )
        policy_file.write_text(POLICY + careless + 'content = "x"\n', encoding="utf-8")
        visitor = Visitor(make_app())
        visitor.decide("save", "youtube")
        self.put(visitor, "session", "other")

        assert {name for name, _, _ in expired(visitor.get("/plain"))} == {"other"}
