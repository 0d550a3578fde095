"""What a page shows and holds back, and who may keep it."""

import pytest
from flask import Response, render_template_string

from tests.conftest import Visitor

STORED = (
    '<p>Unser Film:</p><iframe src="https://www.youtube.com/embed/x" width="560"></iframe>'
    '<script src="https://statistik.kreisverband.example/matomo.js"></script><p>Ende &amp; aus</p>'
)


def render(app, template, cookie=None, **values):
    headers = {"Cookie": f"__Host-consent={cookie}"} if cookie else {}
    with app.test_request_context("/", base_url="https://kreisverband.example", headers=headers):
        return render_template_string(template, **values)


@pytest.fixture
def accepted(app):
    visitor = Visitor(app)
    visitor.decide("accept")
    return visitor


class TestGate:
    def test_what_is_not_granted_is_inert(self, visitor):
        """
        Before a decision a service's markup sits in a template, where nothing runs (GA-02).
        """
        page = visitor.get().text

        assert (
            '<template data-consent="matomo">'
            '<script src="https://statistik.kreisverband.example/matomo.js"></script>'
        ) in page

    def test_what_is_granted_is_there_as_written(self, accepted):
        """
        After consent the page carries the markup itself, and needs no script of ours.
        """
        page = accepted.get().text

        assert "<template" not in page
        assert '<iframe src="https://www.youtube.com/embed/x"></iframe>' in page

    def test_a_visible_service_has_a_placeholder(self, visitor):
        """
        In the place of a video stands who provides it, where, and two ways to load it (GA-03).
        """
        page = visitor.get().text

        placeholder = page.partition('data-consent-placeholder="youtube"')[2]
        placeholder = placeholder.partition("<template")[0]
        assert "Google Ireland Limited (Irland)" in placeholder
        assert 'value="once"' in placeholder
        assert 'value="allow"' in placeholder

    def test_an_invisible_service_has_none(self, visitor):
        """
        Nobody misses a statistics script where it would have been.
        """
        assert 'data-consent-placeholder="matomo"' not in visitor.get().text

    def test_an_undeclared_service_is_off_for_everybody(self, app, accepted, caplog):
        """
        A gate that names a service the policy lacks lets nothing through, and the operator is
        told once (GA-01).
        """
        template = '{% gate "matmo" %}<b>x</b>{% endgate %}'

        assert render(app, template, accepted.cookie()) == ""
        assert render(app, template, accepted.cookie()) == ""
        assert caplog.text.count('gate "matmo"') == 1

    def test_no_answer_is_baked_into_a_template(self, app, accepted):
        """
        A template compiled for one visitor asks again for the next, constants included (GA-07).
        """
        constant = "<iframe src='https://www.youtube.com/embed/x'></iframe>"
        template = (
            '{% gate "matomo" %}a{% endgate %}{{ "matomo" is granted }}{{ "'
            + constant
            + '" | gated }}'
        )
        compiled = app.jinja_env.from_string(template)
        asked = {"base_url": "https://kreisverband.example"}
        cookie = {"Cookie": f"__Host-consent={accepted.cookie()}"}

        with app.test_request_context("/", headers=cookie, **asked):
            assert compiled.render() == "aTrue" + constant
        with app.test_request_context("/", **asked):
            assert compiled.render().count("<template") == 2
        with app.test_request_context("/", headers=cookie, **asked):
            assert compiled.render() == "aTrue" + constant

    def test_a_gate_may_hold_a_block(self, app, accepted):
        """
        A block that another template fills can stand within a gate.
        """
        template = '{% gate "matomo" %}{% block x %}a{% endblock %}{% endgate %}'

        assert render(app, template, accepted.cookie()) == "a"
        assert "<template" in render(app, template)

    def test_code_can_ask(self, app, accepted):
        """
        Templates and Python ask the same question and get the same answer (GA-06).
        """
        template = "{{ consent.permits('matomo') }} {{ consent.permits('other') }}"

        assert render(app, template) == "False False"
        assert render(app, template, accepted.cookie()) == "True False"


class TestStoredHtml:
    def test_embeds_of_declared_services_are_gated(self, app):
        """
        Frames and scripts in stored HTML are recognised by host; the rest is untouched (GA-03).
        """
        page = render(app, "{{ html | gated }}", html=STORED)

        assert page.startswith("<p>Unser Film:</p>")
        assert page.endswith("</template><p>Ende &amp; aus</p>")
        assert '<template data-consent="youtube"><iframe' in page
        assert '<template data-consent="matomo"><script' in page

    def test_granted_embeds_stay_byte_for_byte(self, app, accepted):
        """
        After consent stored HTML reaches the page as it was stored.
        """
        assert render(app, "{{ html | gated }}", accepted.cookie(), html=STORED) == STORED

    def test_the_content_can_be_opened_at_the_provider(self, app):
        """
        Who wants no embed finds the way to the content itself.
        """
        page = render(app, "{{ html | gated }}", html=STORED)

        assert 'href="https://www.youtube.com/embed/x"' in page

    def test_what_the_site_does_not_declare_stays_off(self, app, accepted, caplog):
        """
        Nobody was asked about a known service that is not declared, so it never loads.
        """
        html = '<iframe src="https://player.vimeo.com/video/1"></iframe>'

        page = render(app, "{{ html | gated }}", accepted.cookie(), html=html)

        assert "<iframe" not in page
        assert "Vimeo" in page
        assert "stored HTML embeds vimeo" in caplog.text

    def test_an_undeclared_script_leaves_nothing(self, app):
        """
        An undeclared statistics script has nothing to show for itself.
        """
        html = 'a<script src="https://code.etracker.com/code/e.js"></script>b'

        assert render(app, "{{ html | gated }}", html=html) == "ab"

    def test_other_hosts_are_left_alone(self, app):
        """
        What is no known service is not ours to touch.
        """
        html = '<iframe src="/own.html"></iframe><script src="https://cdn.example/x.js"></script>'

        assert render(app, "{{ html | gated }}", html=html) == html

    def test_no_stored_text_can_leave_the_placeholder(self, app):
        """
        An address in stored HTML cannot bring markup of its own into the page (SE-10).
        """
        html = "<iframe src='https://www.youtube.com/\"><img src=x onerror=alert(1)>'></iframe>"

        page = render(app, "{{ html | gated }}", html=html)

        assert "<img" not in page


class TestCaches:
    def test_a_page_that_asked_is_private(self, visitor):
        """
        A page that depends on a choice is kept by no shared cache, and a browser asks again
        before it shows one that it kept (GA-07).
        """
        response = visitor.get()

        cache = response.cache_control
        assert "Cookie" in response.vary
        assert cache.private
        assert cache.no_cache

    def test_a_page_that_did_not_ask_is_left_alone(self, visitor):
        """
        Pages without anything of ours keep their own rules, and get no cookie (PS-07).
        """
        response = visitor.get("/plain")

        assert "Vary" not in response.headers
        assert "Cache-Control" not in response.headers

    def test_a_site_that_says_public_is_overruled(self, app, visitor):
        """
        A page that depends on a choice is never public, whatever the site set (GA-07).
        """
        app.view_functions["plain"] = lambda: Response(
            render_template_string("{{ consent.permits('matomo') }}"),
            headers={"Cache-Control": "public, max-age=60, s-maxage=600"},
        )

        response = visitor.get("/plain")

        cache = response.cache_control
        assert "Cookie" in response.vary
        assert cache.private
        assert not cache.public
        assert cache.s_maxage is None
        assert cache.max_age == 60

    def test_nothing_is_stored_before_a_decision(self, visitor):
        """
        Looking around sets no cookie at all (PS-01, PS-04).
        """
        for path in ("/", "/consent/settings", "/consent/receipt", "/plain"):
            assert "Set-Cookie" not in visitor.get(path).headers
