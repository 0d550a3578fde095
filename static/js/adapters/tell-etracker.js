/** etracker: https://www.etracker.com/en/docs/integration-setup-2/consent-management-tools/ */
{
  const { service } = document.currentScript.dataset;
  const domain = location.hostname;
  window._etrackerOnReady = window._etrackerOnReady || [];
  window._etrackerOnReady.push(() => window._etracker.enableCookies(domain));
  document.addEventListener("consent:change", ({ detail }) => {
    if (!detail.granted.includes(service) && window._etracker)
      window._etracker.disableCookies(domain);
  });
}
