/**
 * The browser side: sends decisions and starts what they allow.
 *
 * Without it the same forms work and everything gated stays off. Dispatched on `document`:
 * `consent:ready` once, `consent:change` with `detail.granted` after every decision.
 */

/** How long a script may keep those behind it waiting, in milliseconds. */
const PATIENCE = 5000;

/** Forms in a page or a dialog. On the settings page the browser itself sends them. */
const FORM = ":is(#consent, dialog, [data-consent-placeholder]) [data-consent-form]";

/** @type {(selector: string, root?: ParentNode) => any[]} */
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** The cookie of the choice. Only compared: nobody but the server can trust it. */
const choice = () => document.cookie.match(/(?:^|; )(?:__Host-)?consent=[^;]*/)?.[0];
let seen = choice();

/** Let a script download while those before it run. */
const preload = (script) => {
  const link = document.createElement("link");
  const { nonce, crossOrigin, integrity, referrerPolicy } = script;
  Object.assign(link, { as: "script", nonce, crossOrigin, integrity, referrerPolicy });
  link.rel = script.type === "module" ? "modulepreload" : "preload";
  // Not script.src: inside a template it has no base to be resolved against.
  link.href = script.getAttribute("src");
  document.head.append(link);
};

/** Put a script in its place. Resolves when the next one may run. */
const run = (script, place) =>
  new Promise((resolve) => {
    script.addEventListener("load", resolve);
    script.addEventListener("error", resolve);
    if (script.type === "module") script.async = script.hasAttribute("async");
    // From an inline script, write() would now replace the whole page.
    const { write, writeln } = document;
    document.write = document.writeln = () => {};
    place.replaceWith(script);
    Object.assign(document, { write, writeln });
    if (script.matches("[src]:not([async], [nomodule])")) setTimeout(resolve, PATIENCE);
    else resolve();
  });

/**
 * Move the content of templates into the page. Scripts download side by side and run in
 * document order, each once; one that fails or hangs does not stop the others.
 *
 * @param {HTMLTemplateElement[]} templates
 */
const start = async (templates) => {
  const scripts = templates.flatMap((template) => {
    const pairs = all("script", template.content).map((script) => {
      const place = new Comment();
      script.replaceWith(place);
      return { script, place };
    });
    // Moved, not copied: Trusted Types refuse copies of inline scripts.
    template.replaceWith(template.content);
    return pairs;
  });
  for (const { script } of scripts.slice(1)) if (script.matches("[src]")) preload(script);
  for (const { script, place } of scripts) await run(script, place);
};

/** Show a text. Screen readers speak it because its region is there before it. */
const announce = (role, text, insert) => {
  for (const old of all(`.cst-${role}`)) old.remove();
  const region = document.createElement("p");
  region.className = `cst-${role}`;
  region.setAttribute("role", role);
  region.tabIndex = -1;
  insert(region);
  setTimeout(() => (region.textContent = text), 50);
  return region;
};

/** Send a decision. Resolves only when the server has recorded it. */
const send = async (form, button) => {
  const body = new URLSearchParams(new FormData(form));
  body.set(button.name, button.value);
  const headers = { Accept: "application/json" };
  const response = await fetch(form.action, { method: "POST", headers, body, keepalive: true });
  const answer = await response.json();
  if (!response.ok) throw answer;
  return answer;
};

/** Templates that follow a placeholder directly. */
const following = (node, found = []) => {
  while ((node = node.nextElementSibling)?.matches("template[data-consent]")) found.push(node);
  return found;
};

/** Bring the page in line with a recorded decision. */
const apply = (form, once, { granted, started, undecided, message, reload }) => {
  const layer = form.closest("dialog, #consent, [data-consent-placeholder]");
  const banner = document.getElementById("consent");
  const of = (name) => (node) => started.includes(node.dataset[name]);
  const templates = once
    ? following(layer)
    : all("template[data-consent]").filter(of("consent"));
  const gone = once
    ? [layer]
    : all("[data-consent-placeholder]").filter(of("consentPlaceholder"));
  if (banner && !undecided.length) gone.push(banner);

  // At once, and before the placeholders go: else scroll anchoring holds on to what follows them.
  if (!reload) start(templates);
  const status = announce("status", message, (region) =>
    (layer.open && banner ? banner : layer).before(region),
  );
  for (const type of ["pointerdown", "keydown"])
    addEventListener(type, () => (status.textContent = ""), { once: true });
  if (layer.open) layer.close();
  for (const node of gone) node.remove();
  if (document.activeElement === document.body) status.focus({ preventScroll: true });

  seen = choice();
  document.dispatchEvent(new CustomEvent("consent:change", { detail: { granted } }));
  if (reload) location.reload();
};

document.addEventListener("submit", async (event) => {
  const { target: form, submitter: button } = event;
  if (button?.name !== "decision" || !form.matches(FORM)) return;
  event.preventDefault();
  if (form.ariaBusy) return;
  form.ariaBusy = "true";
  const answer = await send(form, button).catch((problem) => ({ error: problem.error }));
  form.ariaBusy = null;
  if (answer.started) apply(form, button.value === "once", answer);
  else announce("alert", answer.error ?? form.dataset.error, (p) => button.parentNode.prepend(p));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-consent-open]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  import("./settings.js")
    .then(({ open }) => open(link))
    .catch(() => location.assign(link.href));
});

// A page that the Back button brings back as it was does not know what was decided since.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && choice() !== seen) location.reload();
});

for (const button of all("[data-consent-form] [value=once]")) button.hidden = false;
document.dispatchEvent(new Event("consent:ready"));
