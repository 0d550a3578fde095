/** Microsoft Clarity: https://learn.microsoft.com/clarity/clarity-consent-api-v2 (GA-11, WD-06). */
{
  const { service, purposes } = document.currentScript.dataset;
  window.clarity =
    window.clarity || ((...call) => (window.clarity.q = window.clarity.q || []).push(call));
  const tell = (ads, analytics) =>
    window.clarity("consentv2", { ad_Storage: ads, analytics_Storage: analytics });
  tell(purposes.split(" ").includes("advertising") ? "granted" : "denied", "granted");
  document.addEventListener("consent:change", ({ detail }) => {
    if (!detail.granted.includes(service)) tell("denied", "denied");
  });
}
