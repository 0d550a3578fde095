/** What services that are not granted left in this site's storage is deleted: docs/gate.md. */

/** @type {(name: string) => RegExp} for a name with "*" for any characters */
const pattern = (name) =>
  new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "s");

/**
 * Let a cookie expire for every path and domain that it may have been set for, also if the browser
 * keeps it for this site alone.
 */
const expire = (name) => {
  const steps = location.pathname.split("/");
  const paths = steps.map((_, n) => steps.slice(0, n + 1).join("/"));
  const labels = location.hostname.split(".");
  const domains = ["", ...labels.map((_, n) => `; domain=${labels.slice(n).join(".")}`)];
  const secure = location.protocol === "https:" ? "; secure" : "";
  for (const path of paths)
    for (const end of ["", "/"])
      for (const domain of domains)
        for (const part of [secure, "; secure; partitioned"])
          document.cookie = `${name}=; max-age=0; path=${path}${end}${domain}${part}`;
};

const keys = (storage) => Object.keys(storage).map((key) => [key, () => storage.removeItem(key)]);

/** What a worker is known by. */
const path = ({ scriptURL }) => scriptURL.slice(location.origin.length).split("?")[0];

/** What there is of each kind: names, and how to delete what has it. */
const KINDS = {
  cookie: () => document.cookie.split("; ").map((pair) => [pair.split("=")[0], expire]),
  "local-storage": () => keys(localStorage),
  "session-storage": () => keys(sessionStorage),
  "indexed-db": async () =>
    (await indexedDB.databases()).map(({ name }) => [name, () => indexedDB.deleteDatabase(name)]),
  "cache-storage": async () =>
    (await caches.keys()).map((name) => [name, () => caches.delete(name)]),
  "service-worker": async () =>
    (await navigator.serviceWorker.getRegistrations()).flatMap((worker) =>
      [worker.installing, worker.waiting, worker.active]
        .filter(Boolean)
        .map((one) => [path(one), () => worker.unregister()]),
    ),
};

/** Some browsers never answer, and whoever takes something back does not wait for that. */
const soon = (answer) =>
  Promise.race([answer, new Promise((_, reject) => setTimeout(reject, 1000))]);

/** Tells what of a *kind* is left over, by its name. */
const judge = (leftovers, kind) => {
  const fit = leftovers.filter((row) => row[0] === kind).map((row) => row.slice(1).map(pattern));
  return (name) =>
    fit.some(([own, ...kept]) => own.test(name) && !kept.some((one) => one.test(name)));
};

/** Storage that a browser blocks or does not have holds nothing. */
const sweep = async (leftovers) => {
  for (const [kind, list] of Object.entries(KINDS)) {
    if (!leftovers.some((row) => row[0] === kind)) continue;
    const goes = judge(leftovers, kind);
    try {
      for (const [name, remove] of await soon(list())) if (goes(name)) await soon(remove(name));
    } catch {}
  }
};

const isDecided = () => /(^|; )(__Host-)?consent=/.test(document.cookie);

/**
 * Delete what is there. Where nothing is decided, a service may run this time only: then what it
 * will have left goes with the page, as far as that can be had at once.
 *
 * @param {[kind: string, name: string, ...kept: string[]][]} leftovers with names that stay,
 *   although they may fit
 */
export const forget = (leftovers) => {
  if (!isDecided()) addEventListener("pagehide", () => isDecided() || sweep(leftovers));
  return sweep(leftovers);
};

/**
 * Do the same as a page starts. A worker that is deleted, here or in another tab, goes on to have
 * to do with all that a page asks for which it began with: so that is loaded anew.
 *
 * @param {[kind: string, name: string, ...kept: string[]][]} leftovers as above
 */
export const start = async (leftovers) => {
  await sweep(leftovers);
  const worker = navigator.serviceWorker?.controller;
  if (!worker || !judge(leftovers, "service-worker")(path(worker))) return;
  const there = await KINDS["service-worker"]();
  // One that cannot be deleted would be there again.
  if (there.some(([name]) => name === path(worker))) return;
  // So a page that answered a form is asked for, and the form is not sent again.
  window.history.replaceState(window.history.state, "");
  location.reload();
};

const left = document.querySelector("script[data-consent-leftovers]");
if (left) start(JSON.parse(left.dataset.consentLeftovers));
