/** See docs/browser.md. */

const tell = (granted) =>
  document.dispatchEvent(new CustomEvent("consent:change", { detail: { granted } }));

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const banner = () => document.querySelector("[data-consent-layer=banner]");

const read = (text) => {
  const own = document.querySelector("script[data-consent-host]") ? "" : "?";
  text ??= (document.cookie.match(`(^|; )(__Host-)${own}consent=(1[.][^;]*)[.]`) ?? [""]).pop();
  const { 3: granted, 4: open } = text && text.split(/[.?!]/);
  return { granted: granted ? granted.split("+") : [], isDecided: granted != null && !open, text };
};

const told = document.querySelector("script[data-consent-told]")?.getAttribute("data-consent-told");
let seen = read(told);
let isDone, first, due;
let mine = [], pressed = [];
// Policies hide it.
const { nonce } = document.querySelector("script[nonce='']") ?? {};
const strict = document.querySelector("script[data-consent-reload]");

const preload = (script) => {
  const { crossOrigin, integrity, referrerPolicy, nonce } = script;
  const link = { crossOrigin, integrity, referrerPolicy, nonce, as: "script" };
  link.rel = script.type === "module" ? "modulepreload" : "preload";
  // No base.
  link.href = script.getAttribute("src");
  document.head.append(Object.assign(document.createElement("link"), link));
};

const fresh = (script) => {
  try {
    const copy = document.createElement("script");
    for (const { name, value } of script.attributes) copy.setAttribute(name, value);
    copy.text = script.text;
    return copy;
  } catch {
    return script;
  }
};

const run = (script, place) =>
  new Promise((resolve) => {
    script.addEventListener("load", resolve);
    script.addEventListener("error", resolve);
    if (script.type === "module") script.async = script.matches("[async]");
    // write() replaces the page.
    const { open, write, writeln } = document;
    document.open = document.write = document.writeln = () => {};
    place.replaceWith(script);
    Object.assign(document, { open, write, writeln });
    if (script.matches("[src]:not([async]):not([nomodule])")) setTimeout(resolve, 5000);
    else resolve();
  });

const start = async (templates) => {
  if (first?.item) first = new WeakSet(first);
  const scripts = templates.flatMap((template) => {
    const pairs = all("script", template.content).map((script) => {
      const place = document.createComment("");
      script.replaceWith(place);
      return [first.has(template) ? script : fresh(script), place];
    });
    for (const node of all("video, audio", template.content))
      setTimeout(() => node.networkState === 2 || node.load());
    template.replaceWith(template.content);
    return nonce ? pairs.filter(([script]) => script.nonce === nonce) : pairs;
  });
  for (const [script] of scripts.slice(1)) if (script.matches("[src]")) preload(script);
  for (const pair of scripts) await run(...pair);
};

/** The region is there before. */
const announce = (role, [text, lang], insert) => {
  document.querySelector(`.cst-${role}`)?.remove();
  const region = Object.assign(document.createElement("p"), { className: `cst-${role}`, lang, tabIndex: -1, dir: "auto" });
  region.setAttribute("role", role);
  document.body.prepend(region);
  insert(region);
  setTimeout(() => region.append(text), 50);
  for (const type of ["pointerdown", "keydown"])
    addEventListener(type, () => role === "status" && region.replaceChildren(), { once: true });
  return region;
};

const send = async ({ form, name, value }) => {
  const body = new URLSearchParams(new FormData(form));
  body.append(name, value);
  // No base.
  const answer = await fetch(location.origin + form.getAttribute("action"), {
    body,
    headers: { Accept: "application/json" },
    method: "POST",
    signal: AbortSignal.timeout?.(10000),
    keepalive: true,
  }).then((response) => response.json());
  if (!answer.started) throw answer;
  if (value !== "once" && !read().text) throw { error: answer.unkept };
  return answer;
};

export const settle = (root) => {
  const of = (part) => all(["", ...mine, mine[0] ? "*" : ""].map((id) => `${part}="${id}"]`).join(), root);
  // Scroll anchoring.
  start(of("template[data-consent"));
  for (const node of of("[data-consent-placeholder")) node.remove();
  for (const node of all("[data-consent-form] [value=once]", root)) node.hidden = strict;
  if (isDone) banner()?.remove();
  for (const held of all("[data-consent-held]")) {
    // That waits.
    seen.granted = mine;
    import("./held.js?v=55b876ff95eb").then(({ ask }) => ask(held, read, follow));
  }
  const layer = banner();
  if (layer?.open && layer.matches(":is(:not(:modal))")) {
    layer.close();
    layer.showModal();
  }
};

const grows = (from, to) => to.granted.some((id) => !from.granted.includes(id));

const follow = (now, consent) => {
  const ends = grows(now, seen) || (strict && grows(seen, now));
  seen = now;
  tell(now.granted);
  if (ends) {
    const { state } = window.history;
    window.history.replaceState(consent ? { ...state, consent, state } : state, "");
    for (const node of all("iframe")) node.remove();
    // Beacons.
    const link = { content: "default-src 'self'", httpEquiv: "Content-Security-Policy" };
    document.head.append(Object.assign(document.createElement("meta"), link));
    return location.reload();
  }
  mine = now.granted;
  isDone = now.isDecided;
  settle();
};

const look = () => {
  const now = read();
  if (now.text !== seen.text && !pressed[0] && !document.prerendering) follow(now);
};

const apply = async ({ form, value }, { started, message, leftovers }) => {
  const layer = form.closest("dialog, #consent, [data-consent-placeholder]") ?? form;
  if (layer.open) layer.close();
  const status = announce("status", message, (region) =>
    (document.activeElement.closest("[data-consent-placeholder], [data-consent-layer]") ?? layer).before(region),
  );
  if (leftovers[0])
    await new Promise((resolve) => {
      import("./forget.js").then(({ forget }) => forget(leftovers).then(resolve), resolve);
      setTimeout(resolve, 5000);
    });
  if (value === "once") {
    const found = [];
    for (let node = layer; started.includes((node = node.nextElementSibling)?.dataset.consent); ) found.push(node);
    start(found);
    layer.remove();
    seen.granted = [...started, ...seen.granted];
    tell(started);
  } else follow(read(), message);
  if (document.activeElement === document.body) status.focus({ preventScroll: true });
};

export const decide = async (event) => {
  const { target, submitter } = event;
  if (submitter?.name !== "decision" || event.defaultPrevented || !target.matches("[data-consent-form]")) return;
  // No reload here.
  if (target.closest(".cst-page")) return (pressed = [submitter]);
  event.preventDefault();
  event.stopPropagation();
  if (pressed.includes(submitter) || pressed.push(submitter) > 1) return;
  for (const button of pressed) {
    const { form, value } = button;
    form.ariaBusy = true;
    try {
      const answer = await send(button);
      if (value !== "reject" && pressed.slice(-1)[0]?.value === "reject") seen = read();
      else await apply(button, answer);
    } catch ({ error }) {
      if (value === "reject" && form.dataset.unsaved && !read().text)
        announce("status", [form.dataset.unsaved, form.lang], (region) =>
          banner()?.replaceWith(region),
        ).focus();
      else
        announce("alert", [error ?? form.dataset.error, form.lang], (region) =>
          button.parentNode.prepend(region),
        );
    }
    form.ariaBusy = null;
  }
  pressed = [];
  look();
};
document.addEventListener("submit", decide, true);

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-consent-open]");
  if (!link || event.ctrlKey || event.shiftKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  import("./settings.js")
    .then(({ open }) => open(link))
    .catch(() => (location = link.href));
}, true);

window.cookieStore?.addEventListener("change", look);
addEventListener("visibilitychange", look);
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  // Answers may be lost.
  pressed = [];
  look();
});

new MutationObserver(() => {
  due ??= setTimeout(() => (due = settle()), 20);
}).observe(document, { childList: true, subtree: true });

const { consent, state } = window.history.state ?? {};
if (consent) {
  window.history.replaceState(state, "");
  announce("status", consent, () => {});
}
told || settle();
first = document.querySelectorAll("template");
document.dispatchEvent(new CustomEvent("consent:ready"));
