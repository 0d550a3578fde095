/**
 * Google Consent Mode v2, basic: https://developers.google.com/tag-platform/security/guides/consent
 * Everything is denied first; then one update for each decision, whatever it is about
 * (requirements GA-09, WD-06).
 */
{
  const SIGNALS = {
    statistics: ["analytics_storage"],
    tracking: ["analytics_storage"],
    advertising: ["ad_storage", "ad_user_data", "ad_personalization"],
  };
  const { service, purposes } = document.currentScript.dataset;
  const queue = (window.dataLayer = window.dataLayer || []);
  // Google reads nothing that looks otherwise.
  const tell = function () {
    queue.push(arguments);
    return arguments;
  };
  const say = (signals, answer) => Object.fromEntries(signals.map((name) => [name, answer]));

  /** What the services of Google on this page share. */
  const shared = (queue.consent = queue.consent || { services: new Map() });
  if (!shared.services.size) {
    tell("consent", "default", say([...new Set(Object.values(SIGNALS).flat())], "denied"));
    document.addEventListener("consent:change", ({ detail }) => {
      const [kept, gone] = [true, false].map((is) =>
        [...shared.services].flatMap(([id, own]) => (detail.granted.includes(id) === is ? own : [])),
      );
      const denied = gone.filter((name) => !kept.includes(name));
      if (denied[0]) tell("consent", "update", say(denied, "denied"));
    });
  }
  const own = purposes.split(" ").flatMap((purpose) => SIGNALS[purpose] || []);
  shared.services.set(service, own);
  // Nothing has come since: it is the same decision.
  if (shared.update && queue[queue.length - 1] === shared.update)
    Object.assign(shared.update[2], say(own, "granted"));
  else shared.update = tell("consent", "update", say(own, "granted"));
}
