"""
Every way in which a page can contact another origin, as markup.

THERE stands for an address of the vector's own, SOCKET for the same with the scheme of a
WebSocket.
"""

# ruff: noqa: E501 - a script is read in one piece

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tests.browser.servers import ThirdParties

_INLINE = {
    "fetch": 'fetch("THERE", { mode: "no-cors" })',
    "fetch-keepalive": 'fetch("THERE", { mode: "no-cors", keepalive: true, method: "POST" })',
    "request": 'const r = new XMLHttpRequest(); r.open("GET", "THERE"); r.send()',
    "beacon": 'navigator.sendBeacon("THERE", "x")',
    "event-source": 'new EventSource("THERE").onerror = ({ target }) => target.close()',
    "socket": 'new WebSocket("SOCKET")',
    "import": 'import("THERE").catch(() => {})',
    "worker": """new Worker(URL.createObjectURL(new Blob(['importScripts("THERE")'])))""",
    "worker-fetch": """new Worker(URL.createObjectURL(new Blob(['fetch("THERE")'])))""",
    "shared-worker": """new SharedWorker("data:text/javascript," + escape('fetch("THERE")'))""",
    "worklet": 'new OfflineAudioContext(1, 1, 44100).audioWorklet?.addModule("THERE").catch(() => {})',
    "paint-worklet": 'CSS.paintWorklet?.addModule("THERE")',
    "image-made": 'new Image().src = "THERE"',
    "audio-made": 'document.body.append(Object.assign(new Audio("THERE"), { preload: "auto" }))',
    "font-made": 'new FontFace("x", "url(THERE)").load().catch(() => {})',
    "script-made": 'document.head.append(Object.assign(document.createElement("script"), { src: "THERE" }))',
    "frame-made": 'document.body.append(Object.assign(document.createElement("iframe"), { src: "THERE" }))',
    "link-made": 'document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "THERE" }))',
    "svg-made": 'const i = document.createElementNS("http://www.w3.org/2000/svg", "image"); i.setAttribute("href", "THERE"); document.body.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "svg")).append(i)',
    "html-inserted": """document.body.insertAdjacentHTML("beforeend", '<img alt="" src="THERE">')""",
    "html-parsed": """document.body.append(document.adoptNode(new DOMParser().parseFromString('<img alt="" src="THERE">', "text/html").body.firstChild))""",
    "frame-written": """const f = document.body.appendChild(document.createElement("iframe")); f.contentDocument.write('<img alt="" src="THERE">'); f.contentDocument.close()""",
    "sheet-made": 'const s = new CSSStyleSheet(); s.replaceSync(".made { background: url(THERE) }"); document.adoptedStyleSheets.push(s); document.body.append(Object.assign(document.createElement("p"), { className: "made", textContent: "x" }))',
    "style-set": 'document.body.appendChild(document.createElement("p")).style.background = "url(THERE)"',
    "shadow": """document.body.appendChild(document.createElement("div")).attachShadow({ mode: "open" }).innerHTML = '<img alt="" src="THERE">'""",
    "custom-element": 'customElements.define("x-made", class extends HTMLElement { connectedCallback() { fetch("THERE", { mode: "no-cors" }) } }); document.body.append(document.createElement("x-made"))',
    "form-sent": """document.body.insertAdjacentHTML("beforeend", '<iframe name="sent"></iframe><form method="post" action="THERE" target="sent"></form>'); document.querySelector("form[target=sent]").submit()""",
    "button-clicked": """document.body.insertAdjacentHTML("beforeend", '<iframe name="pressed"></iframe><form target="pressed"><button formaction="THERE"></button></form>'); document.querySelector("form[target=pressed] button").click()""",
    "link-clicked": """document.body.insertAdjacentHTML("beforeend", '<iframe name="followed"></iframe><a href="THERE" target="followed">x</a>'); document.querySelector("a[target=followed]").click()""",
    "ping": """document.body.insertAdjacentHTML("beforeend", '<iframe name="pinged"></iframe><a href="about:blank" ping="THERE" target="pinged">x</a>'); document.querySelector("a[ping]").click()""",
    "service-worker": 'navigator.serviceWorker?.register("THERE").catch(() => {})',
    "evaluated": """new Function('fetch("THERE", { mode: "no-cors" })')()""",
    "timer": """setTimeout(() => fetch("THERE", { mode: "no-cors" }))""",
}

_STYLES = {
    "css-background": ".a-NAME { background: url(THERE) }",
    "css-import": '@import url("THERE");',
    "css-import-text": '@import "THERE";',
    "css-font": '@font-face { font-family: "f-NAME"; src: url(THERE) } .a-NAME { font-family: "f-NAME" }',
    "css-list": ".a-NAME { display: list-item; list-style-image: url(THERE) }",
    "css-content": ".a-NAME::before { content: url(THERE) }",
    "css-border": ".a-NAME { border: 1px solid; border-image: url(THERE) 1 }",
    "css-mask": ".a-NAME { mask-image: url(THERE) }",
    "css-shape": ".a-NAME { float: left; width: 9px; height: 9px; shape-outside: url(THERE) }",
    "css-set": ".a-NAME { background: image-set(url(THERE) 1x) }",
    "css-cursor": ".a-NAME { cursor: url(THERE), auto }",
    "css-property": ":root { --a-NAME: url(THERE) } .a-NAME { background: var(--a-NAME) }",
    "css-media": "@media screen { @supports (color: red) { .a-NAME { background: url(THERE) } } }",
}

_MARKUP = {
    "script": '<script src="THERE"></script>',
    "script-async": '<script async src="THERE"></script>',
    "script-defer": '<script defer src="THERE"></script>',
    "module": '<script type="module" src="THERE"></script>',
    "module-import": '<script type="module">import "THERE";</script>',
    "import-map": '<script type="importmap">{"imports": {"mapped": "THERE"}}</script>'
    '<script type="module">import("mapped").catch(() => {})</script>',
    "svg-script": '<svg><script href="THERE"></script></svg>',
    "speculation": '<script type="speculationrules">{"prefetch": [{"source": "list", '
    '"urls": ["THERE"], "eagerness": "immediate"}]}</script>',
    "image": '<img alt="" src="THERE">',
    "image-sizes": '<img alt="" srcset="THERE 1x">',
    "picture": '<picture><source srcset="THERE"><img alt=""></picture>',
    "image-button": '<input type="image" alt="" src="THERE">',
    "image-error": '<img alt="" src="x:" onerror="fetch(\'THERE\', { mode: \'no-cors\' })">',
    "background": '<table background="THERE"><tr><td>x</table>',
    "style-attribute": '<p style="background: url(THERE)">x</p>',
    "style-load": "<style onload=\"fetch('THERE', { mode: 'no-cors' })\"></style>",
    "toggle": "<details open ontoggle=\"fetch('THERE', { mode: 'no-cors' })\"></details>",
    "frame": '<iframe title="x" src="THERE"></iframe>',
    "frame-document": "<iframe title=\"x\" srcdoc=\"<img alt='' src='THERE'>\"></iframe>",
    "frame-script": '<iframe title="x" srcdoc="<script src=\'THERE\'></script>"></iframe>',
    "frame-javascript": "<iframe title=\"x\" src=\"javascript:fetch('THERE', {mode: 'no-cors'}); 1\">"
    "</iframe>",
    "frame-data": '<iframe title="x" src="data:text/html,<img src=THERE>"></iframe>',
    "object": '<object data="THERE"></object>',
    "embed": '<embed src="THERE">',
    "video": '<video muted preload="auto" src="THERE"></video>',
    "poster": '<video poster="THERE"></video>',
    "video-source": '<video preload="auto"><source src="THERE"></video>',
    "audio": '<audio preload="auto" src="THERE"></audio>',
    "audio-source": '<audio preload="auto"><source src="THERE"></audio>',
    "track": '<video crossorigin src="data:video/mp4,x"><track default src="THERE"></video>',
    "stylesheet": '<link rel="stylesheet" href="THERE">',
    "stylesheet-print": '<link rel="stylesheet" media="print" href="THERE">',
    "stylesheet-other": '<link rel="alternate stylesheet" title="x" href="THERE">',
    "preload-script": '<link rel="preload" as="script" href="THERE">',
    "preload-style": '<link rel="preload" as="style" href="THERE">',
    "preload-image": '<link rel="preload" as="image" href="THERE">',
    "preload-sizes": '<link rel="preload" as="image" imagesrcset="THERE 1x">',
    "preload-font": '<link rel="preload" as="font" crossorigin href="THERE">',
    "preload-fetch": '<link rel="preload" as="fetch" crossorigin href="THERE">',
    "preload-module": '<link rel="modulepreload" href="THERE">',
    "prefetch": '<link rel="prefetch" href="THERE">',
    "prerender": '<link rel="prerender" href="THERE">',
    "preconnect": '<link rel="preconnect" href="THERE">',
    "resolve": '<link rel="dns-prefetch" href="THERE">',
    "icon": '<link rel="icon" href="THERE">',
    "manifest": '<link rel="manifest" href="THERE">',
    "dictionary": '<link rel="compression-dictionary" href="THERE">',
    "svg-image": '<svg><image href="THERE"/></svg>',
    "svg-image-old": '<svg><image xlink:href="THERE"/></svg>',
    "svg-use": '<svg><use href="THERE#x"/></svg>',
    "svg-filter": '<svg><filter id="f"><feImage href="THERE"/></filter>'
    '<rect width="9" height="9" filter="url(#f)"/></svg>',
    "svg-style": "<svg><style>@import url(THERE);</style></svg>",
    "svg-foreign": '<svg><foreignObject><img alt="" src="THERE"></foreignObject></svg>',
    "svg-fill": '<svg><rect width="9" height="9" fill="url(THERE#x)"/></svg>',
    "svg-load": "<svg onload=\"fetch('THERE', { mode: 'no-cors' })\"></svg>",
    "mathml": '<math><mtext><img alt="" src="THERE"></mtext></math>',
    "mathml-style": '<math style="background: url(THERE)"><mi>x</mi></math>',
    "declared-shadow": '<div><template shadowrootmode="open"><img alt="" src="THERE"></template></div>',
    "declared-elsewhere": '<p><?start name="p"><?end></p><template for="p"><input type="image" '
    'alt="" src="THERE"></template>',
    "noscript": '<noscript><img alt="" src="THERE"></noscript>',
    "written": '<script>document.write(\'<img alt="" src="THERE">\')</script>',
}

#: What would lead the page away or turn its other addresses round: one at a time.
ALONE: Mapping[str, str] = {
    "refresh": '<meta http-equiv="refresh" content="0; url=THERE">',
    "base": '<base href="THERE/"><img alt="" src="below">',
    "location": '<script>location.replace("THERE")</script>',
    "form-of-the-page": '<form method="post" action="THERE"></form>'
    "<script>document.forms[document.forms.length - 1].submit()</script>",
}

#: Links that only make something faster: a gate leaves them out until the server opens it.
HINTS = frozenset(
    {name for name in _MARKUP if name.startswith("preload-")}
    | {"dictionary", "prefetch", "prerender", "preconnect", "resolve"}
)

#: What shows no request in any engine: what is refused, what only prepares a connection, and what
#: is for browsers without JavaScript.
EVERYWHERE = frozenset(
    {"manifest", "noscript", "preconnect", "prerender", "resolve", "service-worker", "svg-use"}
)

#: What an engine does not do with another origin, or not where nobody sees a window, found by
#: trying: no test of these shows anything there.
UNSUPPORTED: Mapping[str, frozenset[str]] = {
    engine: frozenset(names) | EVERYWHERE
    for engine, names in {
        "chromium": {"icon"},
        "firefox": {
            "declared-elsewhere", "import-map", "paint-worklet", "ping", "speculation", "svg-fill",
        },
        "webkit": {
            "declared-elsewhere", "dictionary", "icon", "paint-worklet", "prefetch", "speculation", "svg-fill",
            "track",
        },
    }.items()
}  # fmt: skip

#: What does something only while a page is built, and nothing when it comes later.
ONLY_AT_FIRST = frozenset({"svg-load", "toggle", "track", "written"})


def _style(name: str, rule: str) -> str:
    return f'<style>{rule}</style><p class="a-NAME">x</p>'.replace("NAME", name)


VECTORS: Mapping[str, str] = {
    **{name: f"<script>{{ {body} }}</script>" for name, body in _INLINE.items()},
    **{name: _style(name, rule) for name, rule in _STYLES.items()},
    **_MARKUP,
}

#: The vectors in two pages: in one with all of them a browser runs short of connections.
PARTS: Mapping[str, Mapping[str, str]] = {
    "scripts": {name: VECTORS[name] for name in _INLINE},
    "markup": {name: VECTORS[name] for name in VECTORS if name not in _INLINE},
}


def addressed(markup: Mapping[str, str], third: ThirdParties) -> Iterator[str]:
    """Give each of *markup* an address at the *third* parties that is named after it."""
    for name, text in markup.items():
        there = third.url(name)
        socket = there.replace("http", "ws", 1)
        yield text.replace("THERE", there).replace("SOCKET", socket)
