"""What starts after consent, when, in what order, and how often."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import expect

import consent

pytestmark = pytest.mark.browser


def gate(markup: str, service: str = "matomo") -> str:
    """*markup* behind the gate of *service*."""
    return f'{{% gate "{service}" %}}{markup}{{% endgate %}}'


def script(address: str, more: str = "") -> str:
    """The markup of a script with an address."""
    return f'<script src="{address}"{more}></script>'


#: Sends what it can as its page ends, and something to the site itself.
LATE = """
addEventListener("pagehide", () => {
  navigator.sendBeacon("BEACON");
  fetch("KEPT", { method: "POST", mode: "no-cors", keepalive: true }).catch(() => {});
  new Image().src = "PIXEL";
  navigator.sendBeacon("/kontakt");
});"""


@pytest.fixture
def patience() -> int:
    """How long a script may keep others waiting, as the browser side has it."""
    root = Path(consent.__file__).parents[1]
    source = (root / "static/js/consent.js").read_text(encoding="utf-8")
    return int(re.search(r"setTimeout\(resolve, (\d+)\)", source).group(1))


@pytest.fixture
def timeless(visitor):
    """Somebody on whose pages no time passes: what only patience would start never starts."""
    visitor.page.clock.install()
    visitor.page.clock.pause_at("2100-01-01")
    return visitor


class TestOrder:
    @pytest.fixture(autouse=True)
    def page_with_four_scripts(self, site, third):
        """Three scripts of which the last is answered first, and one inline; in two gates."""
        a = third.script("a", after="b")
        b = third.script("b", after="c")
        c = third.script("c")
        site.page(
            gate(script(a) + script(b))
            + gate(script(c) + "<script>ran.push('inline after ' + ran.length)</script>", "youtube")
        )

    def test_scripts_download_together_and_run_in_the_order_of_the_page(self, timeless):
        """
        However fast each arrives: they are asked for at the same time, and each runs as soon as
        those before it have and finds what they have made, as on a page without consent.
        """
        timeless.go()
        timeless.decide("accept")
        timeless.wait_until_ran("a", "b", "c", "inline after 3")

        assert Counter(timeless.arrived()) == {"a": 1, "b": 1, "c": 1}

    def test_nothing_is_loaded_anew(self, site, visitor):
        """
        What is granted starts on the page that the visitor is reading; the site is asked to record
        the decision and for what tells the service of it.
        """
        visitor.go(wait_until="networkidle")
        asked = []
        visitor.page.on("request", lambda request: asked.append(request.url))
        visitor.page.evaluate("window.same = true")
        visitor.decide("accept")
        visitor.wait_until_ran("a", "b", "c", "inline after 3")

        assert visitor.page.evaluate("window.same")
        assert {url.partition("?")[0] for url in asked if url.startswith(site.url)} == {
            f"{site.url}/consent/choice",
            f"{site.url}/consent/static/js/adapters/tell-matomo.js",
        }

    def test_the_next_page_asks_for_each_once(self, third, visitor):
        """
        A visitor who agreed before causes exactly one request for each script on each page.
        """
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("a", "b", "c", "inline after 3")
        visitor.arrived()
        third.forget()
        visitor.go()
        visitor.wait_until_ran("a", "b", "c", "inline after 3")

        assert Counter(visitor.arrived()) == {"a": 1, "b": 1, "c": 1}


class TestTrouble:
    def test_a_script_that_is_missing_stops_no_other(self, site, third, timeless):
        """
        After a 404 the next script runs all the same, and at once.
        """
        missing = script(third.url("missing"))
        site.page(gate(missing + script(third.script("b")), "openstreetmap"))
        timeless.go()
        # Nothing else, as Firefox asks twice for what it loads ahead and is missing: only the first
        # script of all, which may be an adapter's, is not loaded ahead.
        timeless.open_settings()
        timeless.dialog.locator("input[value=openstreetmap]").check()
        timeless.dialog.locator("button[value=save]").click()

        timeless.wait_until_ran("b")
        assert Counter(timeless.arrived()) == {"missing": 1, "b": 1}

    def test_a_script_that_throws_stops_no_other(self, site, third, visitor):
        """
        An error in one service is no matter of the others.
        """
        site.page(
            gate(script(third.script("a", "throw new Error('a')")) + script(third.script("b")))
        )
        visitor.go()
        visitor.decide("accept")

        visitor.wait_until_ran("a", "b")

    def test_a_script_that_never_answers_is_waited_for_only_so_long(
        self, site, third, timeless, patience
    ):
        """
        A host that hangs delays those behind it by the time that the script names, no more.
        """
        hanging, b = third.script("hanging", never=True), third.script("b")
        site.page(gate(script(hanging) + script(b)))
        timeless.go()
        timeless.decide("accept")
        third.wait_for(["hanging"])
        # It is asked for ahead; the time runs from when it is put into the page.
        timeless.page.locator("script[src*=hanging]").wait_for(state="attached")
        timeless.page.clock.run_for(patience - 1000)
        before = timeless.ran()
        timeless.page.clock.run_for(2000)

        timeless.wait_until_ran("b")
        assert before == []

    @pytest.mark.parametrize("kind", ["async", "nomodule"])
    def test_an_async_script_is_not_waited_for(self, site, third, timeless, kind):
        """
        Where a service says that its script may come when it likes, or that it is for browsers of
        old, nothing waits for it.
        """
        hanging = third.script("hanging", never=True)
        site.page(gate(script(hanging, f" {kind}") + "<script>window.ran = ['inline']</script>"))
        timeless.go()
        timeless.decide("accept")

        timeless.wait_until_ran("inline")
        assert timeless.ran() == ["inline"]

    @pytest.mark.parametrize("means", ["write('gone')", "writeln('gone')", "open()"])
    def test_an_inline_script_cannot_wipe_the_page(self, site, visitor, means):
        """
        A service that writes into the document, as old ones do, leaves the page standing; the site
        itself can write afterwards.
        """
        site.page(gate(f"<script>document.{means}; window.ran = ['inline']</script>"))
        visitor.go()
        visitor.decide("accept")

        visitor.wait_until_ran("inline")
        expect(visitor.page.get_by_role("heading", name="Start")).to_be_visible()
        visitor.page.evaluate("document.write('<p>written</p>')")
        expect(visitor.page.locator("body")).to_have_text("written")


class TestFaithfulness:
    def test_a_module_stays_a_module(self, site, third, visitor):
        """
        Scripts keep their type: a module runs as one, from an address or inline, once.
        """
        module = third.script("module", "ran.push(typeof import.meta.url)")
        site.page(
            gate(
                script(module, ' type="module"')
                + script(third.script("classic", "ran.push(document.currentScript.nodeName)"))
                + "<script type=module>ran.push(typeof import.meta)</script>"
            )
        )
        visitor.go()
        visitor.decide("accept")
        visitor.until("window.ran?.length === 5")

        assert visitor.ran() == ["module", "string", "classic", "SCRIPT", "object"]
        assert Counter(visitor.arrived()) == {"module": 1, "classic": 1}

    @pytest.mark.chromium("Firefox runs modules without an address as they become ready")
    def test_a_module_waits_for_the_one_before_it(self, site, third, visitor):
        """
        What a module inline has to fetch puts the next one no earlier.
        """
        site.page(
            gate(
                f"<script type=module>import '{third.script('part')}'; ran.push('first')</script>"
                "<script type=module>ran.push('last')</script>"
            )
        )
        visitor.go()
        visitor.decide("accept")

        visitor.wait_until_ran("part", "first", "last")

    def test_attributes_are_kept(self, site, third, visitor):
        """
        A script finds itself and its settings as its provider meant it.
        """
        address = third.script("a", "ran.push(document.currentScript.dataset.site)")
        site.page(gate(script(address, ' id="tag" data-site="42"')))
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("a", "42")

        assert visitor.page.locator("script#tag").count() == 1

    def test_a_script_with_a_checksum_is_asked_for_once(self, site, third, visitor):
        """
        Integrity, cross-origin mode and what it may be told of the page count for the early
        download, too.
        """
        first, second = third.script("first"), third.script("second")
        body = b'(window.ran ||= []).push("second");'
        digest = base64.b64encode(hashlib.sha384(body).digest()).decode()
        more = f' integrity="sha384-{digest}" crossorigin="anonymous" referrerpolicy="no-referrer"'
        site.page(gate(script(first) + script(second, more)))
        told = {}
        visitor.page.on(
            "request", lambda request: told.update({request.url: request.headers.get("referer")})
        )
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("first", "second")

        assert not told[second]
        assert told[first]
        assert Counter(visitor.arrived()) == {"first": 1, "second": 1}

    def test_a_frame_takes_the_place_of_its_placeholder(self, site, third, visitor):
        """
        A granted video is where its placeholder was, asked for once.
        """
        site.page("<div id=here>" + gate(f'<iframe src="{third.frame("film")}">', "youtube"))
        visitor.go()
        visitor.decide("accept")
        expect(visitor.page.frame_locator("#here iframe").locator("p")).to_have_text("film")

        expect(visitor.placeholder("youtube")).to_have_count(0)
        assert visitor.arrived() == ["film"]

    def test_what_runs_already_does_not_start_again(self, visitor):
        """
        Granting one more service later starts that one and nothing a second time.
        """
        visitor.go()
        visitor.open_settings()
        visitor.dialog.locator("input[value=matomo]").check()
        visitor.dialog.locator("button[value=save]").click()
        visitor.wait_until_ran("count.js", "inline")
        visitor.placeholder("youtube").locator("button[value=allow]").click()
        expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")

        assert visitor.ran() == ["count.js", "inline"]
        assert Counter(visitor.arrived()) == {"count.js": 1, "film": 1}


class TestPictures:
    def test_every_size_of_a_picture_comes_after_consent(self, site, third, visitor):
        """
        ``srcset`` and ``picture`` wait behind a gate as ``src`` does and then load what fits, once.
        """
        wide, exact, plain = (third.url(name) for name in ("wide", "exact", "plain"))
        site.page(
            gate(
                f'<picture><source srcset="{wide}" media="(min-width: 1px)"><img alt=""></picture>'
                f'<img alt="" srcset="{exact} 1x, {third.url("double")} 2x">'
                f'<img alt="" src="{plain}">'
            )
        )
        visitor.go()
        before = visitor.arrived()
        visitor.decide("accept")
        third.wait_for({"wide", "exact", "plain"})

        assert before == []
        assert Counter(visitor.arrived()) == {"wide": 1, "exact": 1, "plain": 1}


#: What a calendar, a blog and a calculator may name what they have.
NAMES = "<script>class Event {} class Comment {} const history = [1, 2]; var URL = '/a/';</script>"


def test_a_site_may_use_names_of_the_browser(site, third, visitor):
    """
    Scripts of the site that call something of theirs Event, Comment, history or URL take nothing
    away: programs hear that all is ready, what is granted starts, and what is withdrawn stops
    (WD-04).
    """
    site.page(NAMES + gate(script(third.script("a")) + "<script>ran.push('inline')</script>"))
    visitor.go()
    visitor.until("seen.some(([name]) => name === 'consent:ready')")
    visitor.decide("accept")
    visitor.wait_until_ran("a", "inline")
    visitor.withdraw()

    assert visitor.ran() == []
    assert visitor.complaints == []


class TestEnds:
    """What peers leave running or behind after a withdrawal."""

    def test_a_frame_is_unloaded(self, site, third, visitor):
        """
        A film that plays stops with its withdrawal: its frame is gone from the page (WD-04).
        """
        site.page(gate(f'<iframe title="Film" src="{third.frame("film")}"></iframe>', "youtube"))
        visitor.go()
        visitor.decide("accept")
        expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")
        visitor.withdraw()

        expect(visitor.page.locator("iframe")).to_have_count(0)
        expect(visitor.placeholder("youtube")).to_be_visible()

    def test_nothing_is_sent_while_the_page_ends(self, site, third, visitor):
        """
        A service that would tell its provider once more as its page ends cannot after its
        withdrawal (WD-04). What the site itself sends then arrives.
        """
        end = LATE
        for name in ("beacon", "kept", "pixel"):
            end = end.replace(name.upper(), third.url(name))
        site.page(gate(script(third.script("late", end))))
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("late")
        visitor.withdraw()

        assert visitor.arrived() == ["late"]
        assert site.sent == 1

    def test_a_cookie_written_while_the_page_ends_does_not_stay(self, site, third, visitor):
        """
        A service that writes its cookie once more as its page ends has it until the next page
        at most (WD-05).
        """
        late = "addEventListener('pagehide', () => { document.cookie = '_pk_id.1=x; path=/' })"
        site.page(gate(script(third.script("late", late))))
        visitor.go()
        visitor.decide("accept")
        visitor.wait_until_ran("late")
        visitor.withdraw()
        visitor.go()

        assert visitor.cookie("_pk_id.1") is None
