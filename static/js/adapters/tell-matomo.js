/** Matomo: https://developer.matomo.org/guides/tracking-consent (requirements GA-10, WD-06). */
{
  const { service } = document.currentScript.dataset;
  const queue = (window._paq = window._paq || []);
  queue.push(["requireConsent"], ["setConsentGiven"]);
  document.addEventListener("consent:change", ({ detail }) => {
    // A loaded tracker has put itself in the place of the queue.
    if (!detail.granted.includes(service)) window._paq.push(["forgetConsentGiven"]);
  });
}
