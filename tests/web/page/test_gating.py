"""What a page shows and holds back, and who may keep it."""

import re
import time
from datetime import UTC, datetime
from html import escape
from io import BytesIO
from operator import itemgetter

import pytest
from flask import (
    Response,
    g,
    render_template_string,
    request,
    send_file,
    stream_template_string,
)
from jinja2 import Undefined

from consent.gate.markup import HUSH
from consent.gate.source import live
from consent.web import site
from consent.web.shown import MEMORY
from tests.conftest import POLICY, Visitor

STORED = (
    '<p>Unser Film:</p><iframe src="https://www.youtube.com/embed/x" width="560"></iframe>'
    '<script src="https://statistik.kreisverband.example/matomo.js"></script><p>Ende &amp; aus</p>'
)

#: A service for forms.
BRIEF = (
    '[services.brief]\nname = "Brief"\nprovider = "Brief GmbH"\ncountry = "DE"\n'
    'purpose = "media"\nembed = "form"\nhosts = ["brief.example"]\nitems = []\n'
)


class Lazy:
    """A text that is made when it is printed, as translations are."""

    def __str__(self) -> str:
        return "<b>x</b>"


def render(app, template, cookie=None, **values):
    headers = {"Cookie": f"__Host-consent={cookie}"} if cookie else {}
    with app.test_request_context("/", base_url="https://kreisverband.example", headers=headers):
        return render_template_string(template, **values).replace(HUSH, "")


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

    def test_what_waits_asks_for_nothing_in_advance_and_for_less_later(self, app):
        """
        In a gate, too, hints are left out, which a browser might follow, and a film waits as it
        will be asked for (GA-02, GA-17).
        """
        inside = '<link rel=preload href="/a"><iframe src="//youtube.com/embed/a"></iframe>'
        page = render(app, f'{{% gate "youtube" %}}{inside}{{% endgate %}}')
        held = page.partition('<template data-consent="youtube">')[2].partition("</template>")[0]

        assert held == '<iframe src="//www.youtube-nocookie.com/embed/a"></iframe>'

    def test_what_is_granted_is_there_as_written(self, accepted):
        """
        After consent the page carries the markup itself, of a film with less (GA-17), and needs
        no script of ours.
        """
        page = accepted.get().text

        assert "<template" not in page
        assert '<iframe src="https://www.youtube-nocookie.com/embed/x"></iframe>' in page

    def test_a_visible_service_has_a_placeholder(self, visitor):
        """
        In the place of a video stands who provides it, where, which other country outside of the
        EU receives data, for what, and two ways to load it (GA-03, FL-13).
        """
        page = visitor.get().text

        placeholder = page.partition('data-consent-placeholder="youtube"')[2]
        placeholder = placeholder.partition("<template")[0]
        assert "Google Ireland Limited (Irland)" in placeholder
        assert "auch in Länder außerhalb der EU: Vereinigte Staaten.\nZweck: Videos" in placeholder
        assert "Zweck: Videos und Karten anzeigen" in placeholder
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

    def test_a_service_that_somebody_made_up_is_one_line_of_the_log(self, app, caplog):
        """
        A name from a database, as a gate may have, cannot pass for another message to the operator,
        colour the screen that it is read on, or fill the log.
        """
        made_up = f"x\nERROR \x1b[31m{'a' * 9_000}"

        assert render(app, "{% gate name %}<b>x</b>{% endgate %}", name=made_up) == ""
        [told] = (record.getMessage() for record in caplog.records)
        assert told.startswith('consent: gate "x ERROR [31ma')
        assert told.isprintable()
        assert len(told) < 200

    def test_no_answer_is_baked_into_a_template(self, app, accepted):
        """
        A template compiled for one visitor asks again for the next, constants included (GA-07).
        """
        constant = "<iframe src='https://www.youtube-nocookie.com/embed/x'></iframe>"
        template = (
            '{% gate "matomo" %}<b>{% endgate %}{{ "matomo" is granted }}{{ "'
            + constant
            + '" | gated }}'
        )
        compiled = app.jinja_env.from_string(template)
        asked = {"base_url": "https://kreisverband.example"}
        cookie = {"Cookie": f"__Host-consent={accepted.cookie()}"}

        with app.test_request_context("/", headers=cookie, **asked):
            assert compiled.render() == "<b>True" + constant
        with app.test_request_context("/", **asked):
            assert compiled.render().count("<template data-consent=") == 2
        with app.test_request_context("/", headers=cookie, **asked):
            assert compiled.render() == "<b>True" + constant

    def test_a_gate_may_hold_a_block(self, app, accepted):
        """
        A block that another template fills can stand within a gate.
        """
        template = '{% gate "matomo" %}{% block x %}<b>{% endblock %}{% endgate %}'

        assert render(app, template, accepted.cookie()) == "<b>"
        assert "<template" in render(app, template)

    def test_a_gate_leads_back_to_the_page_that_it_is_in(self, app):
        """
        The same markup stands in many pages, and each visitor returns to the own one.
        """
        template = '{% gate "youtube" %}<iframe src="/film"></iframe>{% endgate %}'

        for path in ("/", "/film", "/film?day=1&hour=2", "/"):
            with app.test_request_context(path, base_url="https://kreisverband.example"):
                back = f'name="next" value="{escape(path)}"'
                assert back in render_template_string(template)

    def test_the_same_markup_waits_for_the_service_of_its_gate(self, app):
        """
        Two gates may hold the same: each opens with its own service, and has its own picture
        (GA-02).
        """
        gates = [
            f'{{% gate {given} %}}<iframe src="/film"></iframe>{{% endgate %}}'
            for given in ('"matomo"', '"youtube"', '"youtube", poster="/a.jpg"', '"youtube"')
        ]
        first, second, third, fourth = (render(app, gate) for gate in gates)

        assert '<template data-consent="matomo"><iframe' in first
        assert '<template data-consent="youtube"><iframe' in second
        assert "/a.jpg" in third
        assert second == fourth != third

    def test_embeds_without_end_do_not_fill_the_memory(self, app):
        """
        What a gate holds may come from a database, and of many only some are remembered.
        """
        template = '{% gate "youtube" %}<iframe src="/film/{{ n }}"></iframe>{% endgate %}'

        with app.test_request_context("/", base_url="https://kreisverband.example"):
            film = app.jinja_env.from_string(template)
            assert all(f'src="/film/{n}"' in film.render(n=n) for n in range(3 * MEMORY))
            shown = app.extensions["consentry"].notices.shown("de", "", "https")
        assert 0 < len(shown.gates) <= MEMORY

    def test_code_can_ask(self, app, accepted):
        """
        Templates and Python ask the same question and get the same answer (GA-06).
        """
        template = "{{ consent.permits('matomo') }} {{ consent.permits('other') }}"

        assert render(app, template) == "False False"
        assert render(app, template, accepted.cookie()) == "True False"

    @pytest.mark.parametrize(
        "template",
        [
            "{{ consent.permits('matomo') }}",
            '{% gate "matomo" %}<p>x</p>{% endgate %}',
            "{{ '<p>' | gated }}",
        ],
        ids=["permits", "gate", "gated"],
    )
    def test_where_nobody_asks_nothing_is_permitted(self, app, template):
        """
        Outside of a request, as in a mail that a command sends, there is no visitor, and whoever
        asks what one permits is told so.
        """
        with app.app_context(), pytest.raises(RuntimeError, match="outside of request context"):
            render_template_string(template)


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

    @pytest.mark.parametrize(
        ("address", "is_kept_quiet"),
        [("//far.example/a.png", True), ("//www.youtube.com/a.png", True), ("/a.png", False)],
    )
    def test_firefox_is_kept_from_templates_that_editors_wrote(self, app, address, is_kept_quiet):
        """
        Firefox looks ahead into any template; once it is kept from it, that is enough (GA-02).
        """
        html = f"<template><img src={address}></template>"
        template = app.jinja_env.from_string("{{ html | gated }}")

        with app.test_request_context("/", base_url="https://kreisverband.example"):
            page = template.render(html=html)
            again = template.render(html=page)

        assert page == again == HUSH * is_kept_quiet + html

    def test_what_firefox_asks_for_all_the_same_is_taken_out_of_such_templates(self, app):
        """
        Where a template of a text has an image of several sizes from another host, which Firefox
        asks for whatever a policy says, it is told to load late, once; the page's own stay (GA-02).
        """
        own, hint = '<img srcset="/a.png 2x">', "<link rel=preload href=//far.example/b>"
        image = "<img srcset='//far.example/a 2x'>"
        html = f"{own}<template>{hint}{image}{image}</template>b{own}<template>{own}</template>"
        late, late_own = (one.replace("<img", "<img loading=lazy") for one in (image, own))

        once = render(app, "{{ html | gated }}", html=html)

        wanted = f"{own}<template>{late}{late}</template>b{own}<template>{late_own}</template>"
        assert once == render(app, "{{ html | gated }}", html=once) == wanted

    def test_granted_embeds_stay_byte_for_byte(self, app, accepted):
        """
        After consent stored HTML reaches the page as it was stored, but for a film that is asked
        for without cookies.
        """
        expected = STORED.replace("www.youtube.com", "www.youtube-nocookie.com")

        assert render(app, "{{ html | gated }}", accepted.cookie(), html=STORED) == expected

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

    def test_the_site_itself_is_left_alone(self, make_app, policy_file):
        """
        What comes from the site, from below its name or from hosts that it calls its own is not
        touched.
        """
        policy_file.write_text('own_hosts = ["cdn.example"]\n' + POLICY, encoding="utf-8")
        html = (
            '<iframe src="/own.html"></iframe><script src="https://cdn.example/x.js"></script>'
            '<img src="//bilder.kreisverband-musterland.example/a.png"><script>let a = 1</script>'
        )

        assert render(make_app(), "{{ html | gated }}", html=html) == html

    def test_strangers_stay_off(self, app, accepted, caplog):
        """
        Nobody was asked about a host that the site does not name, so it stays off even for those
        who agreed to everything; the visitor sees its name, and the operator is told once (GA-01).
        """
        html = '<p>a</p><iframe src="https://far.example/x"></iframe><script src="//far.example/y">'

        page = render(app, "{{ html | gated }}", accepted.cookie(), html=html)

        assert "<iframe" not in page
        assert "<script" not in page
        assert "Inhalt von far.example" in page
        assert 'href="/consent/settings?lang=de" data-consent-open' in page
        assert 'href="https://far.example/x"' in page
        assert caplog.text.count("loads from far.example") == 1

    @pytest.mark.parametrize("unknown", ["block", "allow"])
    def test_what_cannot_be_read_stays_off(self, make_app, policy_file, caplog, unknown):
        """
        What may be of a declared service, though nobody can tell, waits with it, also where
        strangers are let through; visitor and operator are told so in words (GA-01, GA-02).
        """
        policy_file.write_text(f'unknown = "{unknown}"\n{POLICY}', encoding="utf-8")
        app = make_app(language=lambda: "de")
        carried = "data:text/html,<i%1b(Bmg src=ht%26%239;tp:www.youtube.com>"

        page = render(app, "{{ html | gated }}", html=f"<iframe src='{carried}'></iframe>")
        assert "<iframe" not in page
        assert "Sein Anbieter lässt sich nicht feststellen." in page
        assert re.findall('href="(.*?)"', page) == ["/consent/settings?lang=de"]
        assert caplog.text.count("cannot be read for certain") == 1
        for html, text in (
            (f"<img alt='Ein Bild' src='{carried}'>", "<span>Ein Bild</span>"),
            (f"<img src='{carried}'>", ""),
        ):
            assert render(app, "{{ html | gated }}", html=html) == text

    def test_a_host_that_can_be_read_is_named(self, app, caplog):
        """
        Where only a part cannot be read, visitor and operator are told of the rest.
        """
        html = (
            """<iframe src="//far.example/" srcdoc='<iframe src="data:,%1b"></iframe>'></iframe>"""
        )

        page = render(app, "{{ html | gated }}", html=html)

        assert "Inhalt von far.example" in page
        assert "loads from far.example" in caplog.text

    def test_what_visitors_write_does_not_fill_the_server_s_log(self, app, caplog, monkeypatch):
        """
        Where comments are shown as stored HTML, somebody may name a new host in each of them: some
        are told, and then that there are more.
        """
        monkeypatch.setattr(site, "WARNINGS", 3)
        for number in range(9):
            picture = f"<img src='https://a{number}.example/a.png'>"
            render(app, "{{ html | gated }}", html=picture)

        told = re.findall(r"loads from (a\d)", caplog.text)
        assert told == ["a0", "a1", "a2"]
        assert len(caplog.records) == 4

    def test_strangers_may_be_let_through(self, make_app, policy_file):
        """
        A site that answers for what its editors paste can say so; known services wait all the
        same.
        """
        policy_file.write_text('unknown = "allow"\n' + POLICY, encoding="utf-8")
        far = '<iframe src="https://far.example/x"></iframe>'
        known = '<iframe src="https://player.vimeo.com/1"></iframe>'

        page = render(make_app(), "{{ html | gated }}", html=far + known)

        assert page.startswith(far)
        assert known not in page

    @pytest.mark.parametrize(
        ("html", "expected"),
        [
            ('<img src="https://far.example/a.png" alt="Eine Wiese">',
             '<a href="https://far.example/a.png" rel="nofollow noopener">Eine Wiese</a>'),
            ('<a href="/x"><img src="//far.example/a.png" alt="A &amp; B"></a>',
             '<a href="/x"><span>A &amp; B</span></a>'),
            ('<img src="https://far.example/a.png">',
             '<a href="https://far.example/a.png" rel="nofollow noopener">far.example</a>'),
            ('a<img src="https://far.example/a.png" alt="">b', "ab"),
            ('a<img src="https://far.example/p.gif" width="1" height="1">b', "ab"),
            ('<p style="background: url(//far.example/a.png)" id="b">c</p>', '<p id="b">c</p>'),
            ('<a href="https://far.example/" ping="https://far.example/p">d</a>',
             '<a href="https://far.example/">d</a>'),
            ('<link rel="preconnect" href="https://far.example"><noscript><img '
             'src="https://far.example/p.gif" height="1" width="1"></noscript>',
             "<noscript></noscript>"),
            ('<form action="https://far.example/a"><input type="image" src="//far.example/b.png" '
             'alt="Senden"></form>',
             '<form action="https://far.example/a"><input type="image" alt="Senden"></form>'),
        ],
        ids=["picture", "picture in a link", "without text", "decoration", "pixel", "style", "ping",
             "hidden", "form"],
    )  # fmt: skip
    def test_what_a_stranger_leaves_behind(self, app, html, expected):
        """
        Instead of a picture stands its text, links and forms work as before, and what nobody sees
        leaves nothing (PS-02, PS-10).
        """
        assert render(app, "{{ html | gated }}", html=html) == expected

    def test_a_picture_of_a_service_comes_with_its_grant(self, app):
        """
        A picture of a declared service is held, and its text goes when it comes.
        """
        html = '<img src="https://i.ytimg.com/vi/x/hq.jpg" alt="Vorschau">'

        page = render(app, "{{ html | gated }}", html=html)

        assert page == (
            '<a href="https://i.ytimg.com/vi/x/hq.jpg" rel="nofollow noopener" '
            'data-consent-placeholder="youtube">Vorschau</a>'
            f'<template data-consent="youtube">{html}</template>'
        )

    def test_two_services_in_one_embed_are_both_needed(self, app):
        """
        An embed that loads from two services waits for both (GA-16).
        """
        html = (
            '<object data="https://www.youtube.com/v/x"><img src="https://statistik.kreisverband'
            '.example/p.gif"></object>'
        )

        page = render(app, "{{ html | gated }}", html=html)

        assert page.endswith(
            '<template data-consent="youtube"><template data-consent="matomo">'
            f"{html}</template></template>"
        )

    def test_parts_of_one_embed_have_one_placeholder(self, app):
        """
        A style sheet and two scripts of one service, one after the other, ask once for all.
        """
        host = "https://www.youtube.com"
        parts = (
            f'<link rel="stylesheet" href="{host}/a.css">\n<script src="{host}/b.js"></script>\n'
            f'<script>load("{host}/c.js")</script>'
        )

        page = render(app, "{{ html | gated }}", html=parts)

        assert page.startswith('<div class="cst cst-placeholder')
        assert page.count('value="allow"') == 1
        assert page.count('</template>\n<template data-consent="youtube">') == 2

    def test_a_form_waits_for_a_declared_service_only(self, make_app, policy_file):
        """
        A form is sent by the visitor, like a link; it is held only where the site says that its
        service needs consent.
        """
        html = '<form action="https://brief.example/subscribe"><input name="mail"></form>'
        before = render(make_app(), "{{ html | gated }}", html=html)
        policy_file.write_text(POLICY + BRIEF, encoding="utf-8")
        after = render(make_app(), "{{ html | gated }}", html=html)

        assert before == html
        assert after.endswith(f'<template data-consent="brief">{html}</template>')
        assert 'data-consent-placeholder="brief"' in after

    def test_what_is_in_a_held_form_waits_for_its_own_service(self, make_app, policy_file):
        """
        Who agrees to the provider of a form agrees to nobody else: a script in it waits for its own
        service, and a picture of somebody that nobody was asked about stays off (GA-01).
        """
        script = '<script src="https://statistik.kreisverband.example/a.js"></script>'
        form = (
            '<form action="https://brief.example/subscribe" style="background: url(//far.example)">'
            f'<input name="mail">{{}}{script}</form>'
        )
        html = form.format('<img src="//far.example/1.png" alt="">') + script
        policy_file.write_text(POLICY + BRIEF, encoding="utf-8")

        page = render(make_app(), "{{ html | gated }}", html=html)

        held = f'<template data-consent="matomo">{script}</template>'
        form = form.replace(' style="background: url(//far.example)"', "").format("")
        form = form.replace(script, held)
        assert page.endswith(f'<template data-consent="brief">{form}</template>{held}')

    def test_what_comes_at_once_behind_a_held_form_is_there_once(self, make_app, policy_file):
        """What begins where a held form ends is no part of it, and stands behind it alone."""
        form = '<form action="https://brief.example/subscribe"><input name="mail"></form>'
        picture = '<img src="//far.example/1.png" alt="Bild">'
        policy_file.write_text(POLICY + BRIEF, encoding="utf-8")

        page = render(make_app(), "{{ html | gated }}", html=form + picture)

        link = '<a href="//far.example/1.png" rel="nofollow noopener">Bild</a>'
        assert page.endswith(f'<template data-consent="brief">{form}</template>{link}')

    def test_within_a_form_the_placeholder_has_none(self, app):
        """
        A form cannot stand in another one, so there the placeholder leads to the settings; it names
        the provider and its country all the same.
        """
        embed = '<iframe src="https://www.youtube.com/embed/x"></iframe>'

        page = render(app, "{{ html | gated }}", html=f'<form action="/x">{embed}</form>')

        assert page.count("<form") == 1
        assert 'data-consent-placeholder="youtube"' in page
        assert "ein Video von Google Ireland Limited (Irland)" in page
        assert "data-consent-open" in page
        assert re.search('<template data-consent="youtube"><iframe .*</template></form>$', page)

    @pytest.mark.parametrize(
        ("html", "shown"),
        [
            ("<template data-consent>{}</template>", "<template>{}</template>"),
            ('<template DATA-CONSENT="*">{}</template>', "<template>{}</template>"),
            (
                '<template data-consent="matomo" data-consent="youtube">{}</template>',
                "<template>{}</template>",
            ),
            (
                '<template data-consent=""><p>a<template id="x" data-consent="">{}</template>b',
                '<template data-consent=""><p>a<template id="x">{}</template>b',
            ),
            ('<template data-consent-held="n" title="a">{}</template>',
             '<template title="a">{}</template>'),
            ("<template data-consent-leftovers='[]'></template>", "<template></template>"),
            ("<svg><template data-consent></template></svg>", "<svg><template></template></svg>"),
        ],
    )  # fmt: skip
    def test_no_text_opens_a_template_by_names_of_ours(self, app, html, shown):
        """
        What a text has in a template that the script of the page would open waits for the service
        that it is of, whatever the text says, or is not opened at all (GA-01).
        """
        film = '<iframe src="https://www.youtube.com/embed/x"></iframe>'

        page = render(app, "{{ html | gated }}", html=html.format(film))

        assert page == shown.format(film)

    def test_no_search_engine_follows_what_was_a_picture(self, app):
        """
        Who may put pictures into a comment, and no links, gets none that the site stands for.
        """
        page = render(
            app, "{{ html | gated }}", html='<img src="https://far.example/" alt="Kauft">'
        )

        assert page == '<a href="https://far.example/" rel="nofollow noopener">Kauft</a>'

    @pytest.mark.parametrize("name", ["link rel=preload", "source srcset"])
    def test_a_text_that_was_made_harmless_stays_so(self, app, name):
        """
        What a sanitizer lets through as the text of a picture is no tag, and runs nothing (GA-02).
        """
        html = f'<img alt="<{name}" src="https://i.ytimg.com/x.jpg"><b title=" onerror=alert() x=">'

        page = render(app, "{{ html | gated }}", html=html)

        assert html.partition("<b")[0] in page.replace(" loading=lazy", "")
        assert not any("onerror" in element.attrs for element in live(page))

    def test_what_is_gated_twice_is_gated_once(self, app):
        """
        A text that was gated and is stored, or comes by the filter a second time, still waits for
        the services that it is of, one of them within another one too, and is not changed.
        """
        both = (
            '<object data="https://www.youtube.com/embed/x">'
            '<img src="https://statistik.kreisverband.example/x.png"></object>'
        )
        once = render(app, "{{ html | gated }}", html=STORED + both)

        assert render(app, "{{ html | gated }}", html=once) == once
        assert once.count("<template data-consent=") == 4

    @pytest.mark.parametrize("around", ["a", "button"])
    def test_within_a_link_there_is_no_placeholder(self, app, around):
        """
        Neither form nor link can stand in a link or a button: a browser would end it there, and
        what follows would lead elsewhere.
        """
        own, far = (f'<iframe src="https://{host}/x"></iframe>' for host in ("youtube.com", "a.de"))
        start, end = f"<{around}>vorn ", f" hinten</{around}>"

        page = render(app, "{{ html | gated }}", html=f"{start}{own}{far}{end}")

        held = f'<template data-consent="youtube">{own}</template>'
        assert page == f"{start}{held}{end}"

    def test_a_service_on_the_site_s_own_host_needs_no_host_in_the_text(
        self, make_app, policy_file
    ):
        """
        Analytics below the site's own address waits where a text names nothing but its path, and
        the picture of the site beside it does not (GA-01).
        """
        own = POLICY.replace("statistik.kreisverband.example", "kreisverband.example/matomo")
        policy_file.write_text(own, encoding="utf-8")
        script = '<script src="/matomo/matomo.js"></script>'
        stored = f"<img src=/a.png>{script}<img src=/matomo/x alt=Zahlen>"

        page = render(make_app(), "{{ stored | gated }}", stored=stored)

        assert {"script", "image"}.isdisjoint(node.name for node in live(page))
        assert page.startswith(f'<img src=/a.png><template data-consent="matomo">{script}')
        assert '<a href="/matomo/x"' in page

    def test_no_stored_text_can_leave_the_placeholder(self, app):
        """
        An address in stored HTML cannot bring markup of its own into the page (SE-10).
        """
        html = "<iframe src='https://www.youtube.com/\"><img src=x onerror=alert(1)>'></iframe>"

        page = render(app, "{{ html | gated }}", html=html)

        assert "img" not in {element.name for element in live(page)}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, ""), (Undefined(), ""), (7, "7"), (Lazy(), "<b>x</b>")],
    ids=["nothing", "not defined", "a number", "a lazy text"],
)
def test_an_article_may_have_no_text(app, value, expected):
    """
    What is stored may be empty, and need not be a text before it is printed.
    """
    assert render(app, "{{ article | gated }}", article=value) == expected


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

    @pytest.mark.parametrize("path", ["/nowhere", "/below"])
    def test_flasks_own_answers_are_left_alone(self, app, visitor, path):
        """
        What Flask itself says of an address that is not there, or is written otherwise, shows
        nobody's choice, so that a cache may keep it (PS-07).
        """
        app.add_url_rule("/below/", "below", lambda: "")
        response = visitor.get(path)

        assert response.status_code in (404, 308)
        assert "Vary" not in response.headers
        assert "Cache-Control" not in response.headers

    @pytest.mark.parametrize("kind", ["text/html", "application/json", "image/svg+xml", None])
    @pytest.mark.parametrize("asks", [False, True], ids=["later", "at once"])
    def test_a_page_that_is_rendered_while_it_is_sent_is_private(self, make_app, asks, kind):
        """
        What is streamed depends on choice and language, although nothing, or not everything, has
        been asked for when its headers leave (GA-07).
        """
        app = make_app()
        permits = app.jinja_env.globals["consent"].permits

        @app.get("/stream")
        def stream():
            if asks:
                permits("matomo")
            response = Response(stream_template_string("{{ consent.head() }}"))
            response.headers.set("Content-Type", kind) if kind else response.headers.clear()
            return response

        response = Visitor(app).get("/stream")

        assert "consent.js" in response.text
        assert {"Cookie", "Accept-Language"} <= set(response.vary)
        assert response.cache_control.private

    @pytest.mark.parametrize("kind", ["image/gif", "video/mp4", "application/zip"])
    def test_what_has_no_words_is_left_alone_while_it_is_sent(self, app, visitor, kind):
        """
        A picture or an archive that the site hands on from elsewhere shows nobody's choice, so that
        a cache may keep it.
        """
        app.view_functions["plain"] = lambda: Response(iter([b"GIF89a"]), mimetype=kind)
        response = visitor.get("/plain")

        assert "Vary" not in response.headers
        assert "Cache-Control" not in response.headers

    def test_a_file_that_is_made_smaller_on_its_way_is_left_alone(self, app, visitor):
        """
        A file shows nobody's choice, so that a cache may keep it, also where an extension such as
        Flask-Compress hands it on piece by piece.
        """

        @app.after_request
        def compress(response):
            if response.direct_passthrough:
                response.direct_passthrough = False
                response.response = iter([b"".join(response.response)])
                del response.headers["Content-Length"]
            return response

        app.view_functions["plain"] = lambda: send_file(BytesIO(b"p {}"), "text/css", max_age=60)
        response = visitor.get("/plain")

        assert response.text == "p {}"
        assert "Vary" not in response.headers
        assert response.headers["Cache-Control"] == "public, max-age=60"

    def test_a_page_that_asks_nothing_of_ours_needs_no_language(self, make_app):
        """
        What is streamed without anything of ours comes also where the site's function for the
        language knows none, and is no error page.
        """
        app = make_app(language=lambda: g.lang_code)
        app.view_functions["plain"] = lambda: Response(iter(["<p>Ge", "burt"]))

        assert Visitor(app).get("/plain").text == "<p>Geburt"

    @pytest.mark.parametrize("write", [str, str.title, str.upper])
    def test_a_site_that_says_public_is_overruled(self, app, visitor, write):
        """
        A page that depends on a choice is never public, whatever the site set and in whichever
        letters it did (GA-07; RFC 9111, section 5.2).
        """
        app.view_functions["plain"] = lambda: Response(
            render_template_string("{{ consent.permits('matomo') }}"),
            headers={"Cache-Control": write("public, max-age=60, s-maxage=600")},
        )

        response = visitor.get("/plain")

        cache = response.cache_control
        assert "Cookie" in response.vary
        assert cache.private
        assert not cache.public
        assert cache.s_maxage is None
        assert cache.max_age == 60

    def test_what_a_site_says_in_two_lines_stays_whole(self, app, visitor):
        """
        A header that comes in two lines means both of them: what must be stored nowhere still may
        not be, and a cache still keeps compressed pages apart (GA-07).
        """
        said = [("Vary", "Origin"), ("Vary", "Accept-Encoding"),
                ("Cache-Control", "max-age=0"), ("Cache-Control", "no-store")]  # fmt: skip
        app.view_functions["plain"] = lambda: Response(
            render_template_string("{{ consent.permits('matomo') }}"), headers=said
        )

        response = visitor.get("/plain")

        assert {"Origin", "Accept-Encoding", "Cookie"} <= set(response.vary)
        assert response.cache_control.no_store
        assert response.cache_control.private

    @pytest.mark.parametrize(
        "said",
        [
            ("Vary", "Accept-Encoding"),
            ("ETag", '"version-1"'),
            ("Last-Modified", "Wed, 25 Nov 2026 00:00:00 GMT"),
            ("Cache-Control", "max-age=60"),
        ],
        ids=itemgetter(0),
    )
    def test_whatever_a_site_says_of_keeping_the_page_is_private(self, app, visitor, said):
        """
        What a site says of its page itself is kept beside what follows from the choice, and takes
        the place of none of it (GA-07).
        """
        app.view_functions["plain"] = lambda: Response(
            render_template_string("{{ consent.permits('matomo') }}"), headers=[said]
        )

        response = visitor.get("/plain")

        [varies] = response.headers.getlist("Vary")
        assert {"Cookie", "Sec-GPC"} <= {*varies.split(", ")}
        assert ("Accept-Encoding" in varies) == (said[0] == "Vary")
        assert response.cache_control.private
        assert response.cache_control.max_age == (60 if said[0] == "Cache-Control" else None)

    @pytest.mark.parametrize("weak", [False, True], ids=["strong", "weak"])
    def test_a_tag_of_the_site_does_not_keep_what_was_withdrawn(self, app, visitor, weak):
        """
        A page that the browser kept is good only as long as the visitor is shown the same (WD-04).
        """

        @app.get("/article")
        def article():
            response = Response(render_template_string('{% gate "matomo" %}<b>{% endgate %}'))
            response.set_etag("version-1", weak)
            return response.make_conditional(request)

        tags, answers = [], []
        for decision in ("reject", "accept", "withdraw"):
            visitor.decide(decision)
            fresh = visitor.get("/article")
            again = visitor.get("/article", headers={"If-None-Match": fresh.headers["ETag"]})
            old = visitor.get("/article", headers={"If-None-Match": ", ".join(tags[-1:])})
            tags.append(fresh.headers["ETag"])
            answers.append((again.status_code, old.status_code, "<template" in fresh.text))

        assert {tag.startswith("W/") for tag in tags} == {weak}
        assert answers == [(304, 200, True), (304, 200, False), (304, 200, True)]

    @pytest.mark.parametrize("change", ["signal", "day", "language"])
    def test_it_does_not_keep_what_holds_no_longer_either(self, make_app, monkeypatch, change):
        """
        The same cookie means something else once the browser sends a signal or the decision has
        ended, and a page in another language is another one (SG-03, RP-09).
        """
        app = make_app()

        @app.get("/article")
        def article():
            response = Response(render_template_string('{% gate "youtube" %}<b>{% endgate %}'))
            response.set_etag("version-1")
            return response

        visitor = Visitor(app)
        visitor.decide("accept" if change != "language" else "reject")
        tag = visitor.get("/article").headers["ETag"]
        headers = {
            "signal": {"Sec-GPC": "1"}, "language": {"Accept-Language": "en"}, "day": {},
        }[change]  # fmt: skip
        if change == "day":
            later = time.time() + 180 * 86_400
            monkeypatch.setattr(time, "time", lambda: later)
        answer = visitor.get("/article", headers={"If-None-Match": tag, **headers})

        assert (answer.status_code, "<template" in answer.text) == (200, True)

    def test_a_date_of_the_site_does_not_either(self, app, visitor):
        """
        When a page was written says nothing about what its visitor is shown, so no browser asks
        by that date (WD-04).
        """

        @app.get("/article")
        def article():
            response = Response(render_template_string('{% gate "matomo" %}<b>{% endgate %}'))
            response.last_modified = datetime(2026, 11, 25, tzinfo=UTC)
            return response.make_conditional(request)

        assert "Last-Modified" not in visitor.get("/article").headers

    @pytest.mark.parametrize(
        "asked",
        [{"If-None-Match": '"version-1"'}, {"If-Modified-Since": "Thu, 26 Nov 2026 00:00:00 GMT"}],
        ids=["tag", "date"],
    )
    def test_what_was_kept_before_the_site_asked_for_consent_is_not_good_any_more(
        self, app, visitor, asked
    ):
        """
        A browser that has a page from the time before, with everything in it, gets the new one,
        although nothing that the site stored of it has changed (GA-07).
        """

        @app.get("/article")
        def article():
            response = Response(render_template_string('{% gate "matomo" %}<b>{% endgate %}'))
            if "If-None-Match" in asked:
                response.set_etag("version-1")
            response.last_modified = datetime(2026, 11, 25, tzinfo=UTC)
            return response.make_conditional(request)

        @app.get("/short/<way>")
        def short(way):
            render_template_string('{{ consent.permits("matomo") }}')
            if way == "tuple":
                return "", 304, {"ETag": '"version-1"'}
            return Response(status=304, headers={"ETag": '"version-1"'})

        answer = visitor.get("/article", headers=asked)

        assert (answer.status_code, "<template" in answer.text) == (200, True)
        for way in ("tuple", "response"):  # there is nothing else to be had
            assert visitor.get(f"/short/{way}", headers=asked).status_code == 304

    def test_nothing_is_stored_before_a_decision(self, visitor):
        """
        Looking around sets no cookie at all (PS-01, PS-04).
        """
        for path in ("/", "/consent/settings", "/consent/receipt", "/plain"):
            assert "Set-Cookie" not in visitor.get(path).headers
