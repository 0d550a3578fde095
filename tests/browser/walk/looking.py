"""What the walk sees of a page, and the scripts by which it takes part in one."""

#: Everything about a page at once; *third* is what addresses of gated items begin with.
LOOK = """(third) => {
  const shown = (one) => !!one && one.checkVisibility();
  const text = (role) => [...document.querySelectorAll(`[role=${role}]`)].filter(shown)
    .map((one) => one.textContent).join();
  const form = document.querySelector("[data-consent-layer=settings]");
  const loads = {};
  for (const { name } of performance.getEntriesByType("resource"))
    if (name.startsWith(third)) {
      const item = name.slice(third.length + 1);
      loads[item] = (loads[item] ?? 0) + 1;
    }
  let stored = [], cookie = "";
  try { stored = Object.keys(localStorage); cookie = document.cookie } catch {}
  const { activeElement: at, body } = document;
  return {
    mark: window.mark,
    made: document.querySelector("[name=made]")?.content,
    path: /^http/.test(document.documentURI) ? location.pathname : "broken",
    isThere: document.readyState === "complete" || !/^http/.test(document.documentURI),
    isBusy: !!document.querySelector("[aria-busy=true]"),
    banner: shown(document.querySelector("#consent")),
    dialog: !!document.querySelector(".cst-dialog[open]"),
    loads,
    ran: [...(window.ran ?? [])].sort(),
    frames: [...document.querySelectorAll("iframe")].map((one) => one.title).sort(),
    places: [...document.querySelectorAll("[data-consent-placeholder]")]
      .map((one) => one.dataset.consentPlaceholder).sort(),
    ticked: form && [...form.querySelectorAll("[name=service]:checked")]
      .map((one) => one.value).sort(),
    alert: text("alert"),
    status: text("status"),
    isFocused: !!at && at !== body,
    hasNumber: /[A-Z2-7]{26}/.test(body?.innerText),
    stored,
    cookie,
  };
}"""

#: Where to click for the *n*-th of those that are shown; null if a click there met something else.
PLACE = """([selector, n]) => {
  const one = [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility())[n];
  if (!one) return null;
  one.scrollIntoView({ block: "center", behavior: "instant" });
  const { x, y, width, height } = one.getBoundingClientRect();
  const place = [x + width / 2, y + height / 2];
  return one.contains(document.elementFromPoint(...place)) ? place : null;
}"""

#: Names each document, and lets ten seconds of waiting for an answer pass in one.
START = """
window.mark ??= Math.random().toString(36).slice(2);
{ const own = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (wait) => own(wait / 10); }
"""

#: What a browser tells a page that sends the signal, or no longer does: IS_ON.
GPC = """Object.defineProperty(Navigator.prototype, "globalPrivacyControl",
  { configurable: true, get: () => IS_ON })"""

#: What Turbo does on a link: another page's body takes the place, and its scripts run.
SWAP = """async (path) => {
  const text = await (await fetch(path)).text();
  const page = new DOMParser().parseFromString(text, "text/html");
  performance.clearResourceTimings();
  window.ran = [];
  document.body.replaceWith(document.adoptNode(page.body));
  for (const dead of document.body.querySelectorAll("script")) {
    const copy = document.createElement("script");
    for (const { name, value } of dead.attributes) copy.setAttribute(name, value);
    dead.replaceWith(copy);
  }
  history.pushState({}, "", path);
}"""

#: Lets what was said go, as a press of a key does.
HUSH = "void dispatchEvent(new Event('keydown'))"
