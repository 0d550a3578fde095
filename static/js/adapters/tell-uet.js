/** Microsoft Advertising (UET): https://help.ads.microsoft.com, "Consent mode" (WD-06). */
{
  const { service } = document.currentScript.dataset;
  window.uetq = window.uetq || [];
  const tell = (when, answer) => window.uetq.push("consent", when, { ad_storage: answer });
  tell("default", "denied");
  tell("update", "granted");
  document.addEventListener("consent:change", ({ detail }) => {
    if (!detail.granted.includes(service)) tell("update", "denied");
  });
}
