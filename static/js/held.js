/** Pages that are the same for every visitor: whether to ask, and what was granted already. */

// All of them load it: consent.js names the version, the first twelve digits of the SHA-256.

/** What the browser itself says about signals, by their names. */
const SIGNALS = {
  gpc: () => navigator.globalPrivacyControl,
  dnt: () => navigator.doNotTrack === "1",
};

/** Where the server tells what holds. What somebody wrote into the page may name another place. */
const STATE = location.origin + import.meta.url.replace(/^\w+:\/\/[^/]+(.*)static.*/, "$1state");

/** Ask it for this visitor, in the language of *address*. Resolves to nothing without an answer. */
const state = async (address) => {
  // Unlike a parser called by script, a request may make a document under Trusted Types.
  const request = new XMLHttpRequest();
  const here = encodeURIComponent(location.pathname + location.search);
  request.open("GET", `${STATE}?next=${here}&${address.split("?")[1] ?? ""}`);
  request.responseType = "document";
  request.send();
  await new Promise((resolve) => (request.onloadend = resolve));
  return request.response?.querySelector("[data-consent-state]");
};

/** The table beside our script, not one that somebody wrote into the page. */
const TABLE = "script[src*='/js/consent.js'] ~ template[data-consent-leftovers]";

/**
 * Delete what services that are not *kept* left here. The table tells whose everything is. What it
 * does not have, as the policy does not any more, is *former*.
 */
const sweep = (kept, former = "[]") => {
  const { consentLeftovers: table, script } = document.querySelector(TABLE)?.dataset ?? {};
  const rows = JSON.parse(table ?? "[]");
  const stays = (owner) => !owner || kept.includes(owner);
  const others = (kind) =>
    rows.filter((row) => stays(row[0]) && row[1] === kind).map(([, , name]) => name);
  const gone = rows
    .filter(([owner]) => !stays(owner))
    .map(([, kind, name]) => [kind, name, ...others(kind)])
    .concat(JSON.parse(former));
  if (gone[0]) import(script ?? "./forget.js").then(({ start }) => start(gone)).catch(() => {});
};

/** The cookie that the page follows already. A body that is swapped in changes nothing in that. */
let followed;

/**
 * Show the first layer or start what is granted, once for each. Waits while the page is only
 * prerendered.
 *
 * @param {HTMLTemplateElement} held
 * @param {() => { text?: string, granted: string[], isDecided: boolean }} read the cookie
 * @param {(choice: object) => void} follow
 */
export const ask = async (held, read, follow) => {
  const { consentHeld: notice, signals, state: address } = held.dataset;
  // Ours is a template. Those who keep scripts out of a page let other elements have such names.
  if (!notice || !held.content) return;
  delete held.dataset.consentHeld;
  if (document.prerendering)
    await new Promise((resolve) =>
      document.addEventListener("prerenderingchange", resolve, { once: true }),
    );
  const signal = signals.split(" ").some((name) => SIGNALS[name]?.());
  const choice = read();
  const { text, granted, isDecided } = choice;
  const [, made] = text?.split(".") ?? [];
  // Under a signal only a grant rests that was made without it.
  const rests = signal && granted.length && !text.includes("!");
  if (!text) {
    if (!signal) held.replaceWith(held.content);
  } else if (made === notice && isDecided && !rests) {
    if (text !== followed) follow(choice);
    followed = text;
    sweep(granted);
  } else {
    const answer = await state(address);
    if (read().text !== text) {
      // Somebody decided meanwhile; the answer is about what was before.
      held.dataset.consentHeld = notice;
      return ask(held, read, follow);
    }
    if (!answer) return;
    const now = answer.dataset.consentState.split(" ").filter(Boolean);
    const asks = answer.querySelector("[data-consent-layer=banner]");
    held.replaceWith(...answer.childNodes);
    follow({ ...choice, granted: now, isDecided: !asks });
    // What a signal has paused stays.
    sweep(signal ? granted : now, answer.dataset.consentLeftovers);
  }
};
