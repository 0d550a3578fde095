"""Strict sites, broken scripts, and other people's sites."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.sampled]

OWN = "default-src 'self'; img-src 'self' data:; script-src 'self' THIRD; frame-src THIRD;"
NONCE = (
    "default-src 'none'; base-uri 'none'; script-src NONCE 'strict-dynamic'; style-src NONCE;"
    " img-src data:; connect-src 'self' THIRD; frame-src THIRD; form-action 'self';"
)
TYPES = NONCE + " require-trusted-types-for 'script'; trusted-types 'none'"


class TestStrictSites:
    @pytest.mark.parametrize(
        ("policy", "inline"),
        [(OWN, False), (NONCE, True), (TYPES, True)],
        ids=["own origin", "nonce", "trusted types"],
    )
    def test_nothing_is_against_the_rules(self, site, third, visitor, policy, inline):
        """
        Banner, settings, accepting with scripts from outside and inline, a video, and
        withdrawing: the browser reports not one violation, and everything works (SE-07).
        """
        site.headers(Content_Security_Policy=policy.replace("THIRD", third.origin))
        tags = [
            f'<script nonce="{{{{ nonce }}}}" src="{third.script("a")}"></script>',
            f'<script nonce="{{{{ nonce }}}}" src="{third.script("b")}"></script>',
            f'<script nonce="{{{{ nonce }}}}" type="module" src="{third.script("m")}"></script>',
        ]
        if inline:
            tags.insert(1, '<script nonce="{{ nonce }}">ran.push("inline")</script>')
        site.page(
            f'{{% gate "matomo" %}}{"".join(tags)}{{% endgate %}}'
            f'{{% gate "youtube" %}}<iframe src="{third.frame("film")}"></iframe>{{% endgate %}}'
        )
        ran = ["a", "inline", "b", "m"] if inline else ["a", "b", "m"]
        visitor.go()
        visitor.open_settings()
        visitor.page.keyboard.press("Escape")
        visitor.decide("accept")
        visitor.wait_until_ran(*ran)
        expect(visitor.page.frame_locator("iframe").locator("p")).to_have_text("film")
        first = visitor.page.evaluate("violations")
        visitor.go()
        visitor.until("n => window.ran?.length === n", len(ran))
        second = visitor.page.evaluate("violations")
        visitor.withdraw()

        assert first == second == visitor.page.evaluate("violations") == []
        assert visitor.complaints == []

    def test_a_part_that_comes_later_starts_under_trusted_types(self, site, third, visitor):
        """
        Where scripts may not be made anew, those of a part that the page put in by itself start as
        they are (SE-07).
        """
        site.headers(Content_Security_Policy=TYPES.replace("THIRD", third.origin))
        tag = f'<script nonce="{{{{ nonce }}}}" src="{third.script("late")}"></script>'
        site.page(f'{{% gate "matomo" %}}{tag}{{% endgate %}}')
        visitor.go()
        visitor.page.evaluate("""() => {
          const part = document.querySelector("main template[data-consent=matomo]");
          part.replaceWith(part.cloneNode(true));
        }""")
        visitor.decide("accept")

        visitor.wait_until_ran("late")

    @pytest.mark.parametrize(
        "policy", ["NONCE", "NONCE 'strict-dynamic'"], ids=["nonce", "dynamic"]
    )
    def test_what_the_site_did_not_allow_stays_forbidden(self, site, third, visitor, policy):
        """
        Consent opens our gate and no other: a script without the page's nonce does not run
        where the page asks for one, not even where scripts may bring others.
        """
        site.headers(Content_Security_Policy=f"script-src {policy}; style-src NONCE")
        site.page(
            f'{{% gate "matomo" %}}<script src="{third.script("a")}"></script>'
            "<script>window.ran = ['inline']</script>{% endgate %}"
        )
        visitor.go()
        visitor.decide("accept")

        assert visitor.arrived() == []
        assert visitor.ran() == []

    @pytest.mark.chromium("the server decides it, whatever the engine")
    def test_the_pages_of_our_own_keep_their_own_rules(self, visitor):
        """
        Settings and notice are shown under a policy that allows only our own files, and
        break none of it (SE-07).
        """
        visitor.go("/consent/settings")
        first = visitor.page.evaluate("violations")
        visitor.page.locator("button[value=accept]").click()
        visitor.page.wait_for_url("**/")
        visitor.go("/consent/receipt")
        visitor.page.locator("main ol a").click()
        expect(visitor.page.locator("#consent")).to_be_visible()

        assert first == []
        assert visitor.complaints == []


class TestBrokenScript:
    @pytest.mark.parametrize(
        "fault",
        [
            {},
            {"body": "throw new Error('broken')", "content_type": "text/javascript"},
            {"body": "this is no script", "content_type": "text/javascript"},
            {"status": 404, "body": ""},
        ],
        ids=["blocked", "throws", "nonsense", "missing"],
    )
    def test_everything_optional_stays_off_and_forms_work(self, site, third, visitor, fault):
        """
        Without our script nothing that is gated loads, and the plain forms decide (GA-02,
        FL-24).
        """
        visitor.page.route(
            "**/consent.js*",
            lambda route: route.fulfill(**fault) if fault else route.abort(),
        )
        visitor.go()
        before = visitor.arrived()
        visitor.decide("reject")

        assert before == visitor.arrived() == []
        assert [event["kind"] for event in site.events()] == ["refusal"]

    def test_accepting_without_our_script_starts_what_was_granted(self, visitor):
        """
        What the server has granted runs on the next page, with or without our script.
        """
        visitor.page.route("**/consent.js*", lambda route: route.abort())
        visitor.go()
        visitor.decide("accept")

        visitor.wait_until_ran("count.js", "inline")

    @pytest.mark.parametrize("blocked", [True, False], ids=["our script blocked", "our script"])
    def test_the_forms_of_the_site_are_left_alone(self, visitor, blocked):
        """
        A contact form can be sent while the banner is open (FL-18).
        """
        if blocked:
            visitor.page.route("**/consent.js*", lambda route: route.abort())
        visitor.go()
        visitor.page.get_by_role("button", name="Senden").click()

        expect(visitor.page.locator("body")).to_have_text("Danke")


class TestOtherSites:
    def test_nobody_can_agree_for_somebody_else(self, site, third, visitor):
        """
        A page elsewhere that sends our form in the visitor's name grants nothing and
        leaves no record (SE-04, SE-05).
        """
        visitor.go()
        notice = visitor.banner.locator("[name=notice]").get_attribute("value")
        visitor.page.goto(third.frame("elsewhere"))
        with visitor.page.expect_navigation() as sent:
            visitor.page.evaluate(
                """([action, fields]) => {
                    const form = document.createElement("form");
                    Object.assign(form, { action, method: "post" });
                    for (const [name, value] of Object.entries(fields))
                        form.append(Object.assign(document.createElement("input"),
                                                  { name, value }));
                    document.body.append(form);
                    form.submit();
                }""",
                [
                    f"{site.url}/consent/choice",
                    {"decision": "accept", "layer": "banner", "notice": notice, "next": "/"},
                ],
            )

        assert sent.value.status == 403
        assert visitor.context.cookies() == []
        assert site.events() == []

    @pytest.mark.parametrize("path", ["/consent/settings", "/"])
    def test_what_asks_cannot_be_put_under_somebody_elses_page(self, site, third, visitor, path):
        """
        Another site can lay neither our settings nor a page with the banner under a button of its
        own (SE-05).
        """
        visitor.page.goto(third.frame("elsewhere"))
        visitor.page.evaluate(
            """(url) => new Promise((resolve) => {
                const frame = document.createElement("iframe");
                Object.assign(frame, { src: url, onload: resolve });
                document.body.append(frame);
            })""",
            f"{site.url}{path}",
        )

        assert visitor.page.frames[1].locator("button").count() == 0
