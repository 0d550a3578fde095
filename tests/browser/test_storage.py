"""What is written to the device and read from it, watched where a browser does it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

#: Every way for a page to leave something on the device, made to leave a note first.
WRITES = """
window.written = [];
const writes = (owner, name) => {
  const own = owner?.[name];
  if (!own) return;
  owner[name] = function (...given) { written.push(name); return own.apply(this, given); };
};
for (const name of ["setItem", "removeItem", "clear"]) writes(Storage.prototype, name);
for (const name of ["set", "delete"]) writes(window.CookieStore?.prototype, name);
for (const name of ["open", "deleteDatabase"]) writes(IDBFactory.prototype, name);
for (const name of ["open", "delete"]) writes(CacheStorage.prototype, name);
writes(ServiceWorkerContainer.prototype, "register");
writes(window.StorageManager?.prototype, "getDirectory");
writes(window.StorageManager?.prototype, "persist");
writes(window.SharedWorker && window, "SharedWorker");
const stored = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
Object.defineProperty(Document.prototype, "cookie", {
  ...stored, set(value) { written.push("cookie"); stored.set.call(this, value); } });
"""

#: Every property and method that tells more about a device than a request does, and the
#: usual ways to draw, sound or list what makes a device known again.
READS = """
window.asked = [];
const note = (name) => asked.push(name);
const properties = {
  Screen: ["width", "height", "availWidth", "availHeight", "colorDepth", "pixelDepth",
    "orientation", "availLeft", "availTop", "isExtended"],
  Navigator: ["plugins", "mimeTypes", "userAgent", "appVersion", "platform", "vendor", "oscpu",
    "hardwareConcurrency", "deviceMemory", "maxTouchPoints", "languages", "connection",
    "userAgentData", "webdriver", "pdfViewerEnabled", "keyboard", "mediaDevices", "gpu"],
  Window: ["devicePixelRatio", "screenX", "screenY", "outerWidth", "outerHeight"],
  Performance: ["memory"],
  HTMLElement: ["offsetWidth", "offsetHeight"],
};
const methods = {
  NavigatorUAData: ["getHighEntropyValues"],
  Navigator: ["getBattery", "getGamepads", "requestMediaKeySystemAccess"],
  HTMLCanvasElement: ["getContext", "toDataURL", "toBlob"],
  OffscreenCanvas: ["getContext", "convertToBlob"],
  FontFaceSet: ["check", "load"],
  MediaDevices: ["enumerateDevices"],
  SpeechSynthesis: ["getVoices"],
  Permissions: ["query"],
  Window: ["matchMedia", "queryLocalFonts", "getScreenDetails"],
  HTMLMediaElement: ["canPlayType"],
};
for (const [owner, names] of Object.entries(properties)) for (const name of names) {
  const place = owner === "Window" ? window : window[owner]?.prototype;
  const own = place && Object.getOwnPropertyDescriptor(place, name);
  if (own?.get) Object.defineProperty(place, name,
    { ...own, get() { note(`${owner}.${name}`); return own.get.call(this); } });
}
for (const [owner, names] of Object.entries(methods)) for (const name of names) {
  const place = owner === "Window" ? window : window[owner]?.prototype;
  const own = place?.[name];
  if (own) place[name] = function (...given) {
    note(`${owner}.${name}`); return own.apply(this, given); };
}
for (const name of ["AudioContext", "OfflineAudioContext", "RTCPeerConnection"])
  if (window[name]) window[name] = new Proxy(window[name], {
    construct(own, given) { note(name); return new own(...given); } });
const zone = Intl.DateTimeFormat.prototype.resolvedOptions;
Intl.DateTimeFormat.prototype.resolvedOptions = function () {
  note("time zone"); return zone.call(this); };
"""

#: What a tracker would do: read a little of everything, and keep a number.
TRACKER = """
document.createElement("canvas").getContext("2d"); navigator.plugins.length; screen.width;
navigator.userAgentData?.getHighEntropyValues(["model"]); devicePixelRatio;
new Intl.DateTimeFormat().resolvedOptions(); matchMedia("(hover)");
localStorage.setItem("id", 1); document.cookie = "_pk_id.1.1fff=1"; indexedDB.open("id");
"""


def tracked(third) -> str:
    """A page whose gated scripts are trackers."""
    return (
        f'{{% gate "matomo" %}}<script src="{third.script("tracker", TRACKER)}"></script>'
        f"<script>{TRACKER}</script>{{% endgate %}}"
        f'{{% gate "youtube" %}}<iframe title="Film" src="{third.frame("film")}"></iframe>'
        "{% endgate %}"
    )


@pytest.fixture
def watched(site, third, visitor):
    """Somebody before a page that is watched and whose gated script is a tracker."""
    visitor.context.add_init_script(WRITES + READS)
    site.page(tracked(third))
    return visitor


class TestBeforeADecision:
    @pytest.fixture
    def looked_around(self, watched):
        """The same after two pages, ten minutes, the settings and a scroll; not decided."""
        watched.page.clock.install()
        watched.go("/andere")
        watched.go(wait_until="networkidle")
        watched.open_settings()
        watched.dialog.locator("summary").first.click()
        watched.dialog.get_by_role("checkbox").first.check()
        watched.page.keyboard.press("Escape")
        expect(watched.dialog).to_have_count(0)
        watched.page.mouse.wheel(0, 2000)
        watched.page.clock.run_for("10:00")
        return watched

    def test_nothing_is_written(self, looked_around):
        """
        Whoever looks around for ten minutes, opens the settings and leaves them finds nothing
        on the device: no cookie, storage, database, cache or worker (PS-01, PS-04).
        """
        assert looked_around.page.evaluate("written") == []
        assert looked_around.context.storage_state(indexed_db=True) == {
            "cookies": [],
            "origins": [],
        }
        assert looked_around.page.evaluate("caches.keys()") == []
        assert looked_around.page.evaluate("indexedDB.databases()") == []
        assert looked_around.context.service_workers == []

    def test_nothing_of_the_device_is_read(self, looked_around):
        """
        Neither our scripts nor what is gated ask for screen, fonts, canvas, plug-ins, time
        zone or any other mark of the device (PS-03).
        """
        assert looked_around.page.evaluate("asked") == []

    def test_a_tracker_would_be_noticed(self, watched):
        """
        The two promises above can be broken: once granted, the tracker is seen at work.
        """
        watched.go()
        watched.decide("accept")
        watched.wait_until_ran("tracker")

        assert {"setItem", "cookie", "open"} <= set(watched.page.evaluate("written"))
        assert {
            "HTMLCanvasElement.getContext",
            "Navigator.plugins",
            "Screen.width",
            "Window.devicePixelRatio",
            "time zone",
            "Window.matchMedia",
        } <= set(watched.page.evaluate("asked"))


class TestAfterADecision:
    def test_a_refusal_is_written_by_the_server_alone(self, watched):
        """
        The one entry after a refusal is the cookie of the answer; no script wrote, and the
        next pages neither write nor read anything (PS-01, PS-03, RP-08).
        """
        watched.go()
        watched.decide("reject")
        here = watched.page.evaluate("[written, asked]")
        watched.go("/andere")
        state = watched.context.storage_state(indexed_db=True)

        assert here == watched.page.evaluate("[written, asked]") == [[], []]
        assert [cookie["name"] for cookie in state["cookies"]] == ["consent"]
        assert state["origins"] == []

    @pytest.mark.chromium("the server decides it, whatever the engine")
    def test_what_it_keeps_is_declared_and_as_short_as_declared(self, site, visitor):
        """
        With our own cookies for example: all that is there is listed in the settings, all that
        is listed is there, and each lives exactly as long as is said (SL-09, PS-09).
        """
        site.page("")
        visitor.go()
        visitor.decide("accept")
        now = visitor.page.evaluate("Date.now() / 1000")
        lives = {c["name"]: round((c["expires"] - now) / 86_400) for c in visitor.context.cookies()}
        visitor.open_settings()
        listed = visitor.dialog.locator("h2:has-text('Technisch nötig') ~ ul li").all_inner_texts()

        assert sorted(f"{name} {days} Tage" for name, days in lives.items()) == sorted(
            f"{text.split()[0]} {text.rpartition(', ')[2].rstrip(')')}" for text in listed
        )
