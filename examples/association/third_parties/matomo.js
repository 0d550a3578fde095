// A stand-in for Matomo's script: same queue, same cookies, one request per page view.
(() => {
  "use strict";
  if (window.Matomo) return;
  window.Matomo = { initialized: true };

  const FIRST = ["requireConsent", "disableCookies", "setTrackerUrl", "setSiteId"];
  const MONTHS_13 = 33955200;
  const MINUTES_30 = 1800;
  const hex = (n) => Array.from(crypto.getRandomValues(new Uint8Array(n)), (b) => (b % 16).toString(16)).join("");
  const waiting = [];
  let address = "";
  let site = "";
  let allowed = true;
  let cookies = true;

  const mark = () => [...location.host].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 65536, 7).toString(16).padStart(4, "0");
  const name = (kind) => `_pk_${kind}.${site}.${mark()}`;
  const read = (kind) => document.cookie.split("; ").find((c) => c.startsWith(`${name(kind)}=`))?.split("=")[1];
  const write = (kind, value, age) => {
    document.cookie = `${name(kind)}=${value}; Path=/; Max-Age=${age}; SameSite=Lax`;
  };

  const visitor = () => {
    if (!cookies) return hex(16);
    const known = read("id") ?? `${hex(16)}.${Math.floor(Date.now() / 1000)}`;
    write("id", known, MONTHS_13);
    write("ses", "1", MINUTES_30);
    return known.split(".")[0];
  };

  const send = (title) => {
    const told = new URLSearchParams({
      action_name: title ?? document.title,
      idsite: site,
      rec: "1",
      url: location.href,
      urlref: document.referrer,
      _id: visitor(),
      rand: hex(6),
    });
    new Image().src = `${address}?${told}`;
  };

  const methods = {
    setTrackerUrl(url) { address = url; },
    setSiteId(id) { site = id; },
    disableCookies() { cookies = false; },
    deleteCookies() { for (const kind of ["id", "ses", "ref"]) write(kind, "", 0); },
    requireConsent() { allowed = false; },
    setConsentGiven() {
      allowed = true;
      for (const title of waiting.splice(0)) send(title);
    },
    forgetConsentGiven() {
      allowed = false;
      methods.deleteCookies();
    },
    trackPageView(title) {
      if (allowed) send(title);
      else waiting.push(title);
    },
  };

  const run = ([method, ...given]) => methods[method]?.(...given);
  const queue = [...(window._paq ?? [])];
  const early = ([method]) => FIRST.includes(method);
  for (const call of [...queue.filter(early), ...queue.filter((c) => !early(c))]) run(call);
  window._paq = { push: (...calls) => calls.forEach(run) };
})();
