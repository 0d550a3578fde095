/** Friendly Captcha: https://developer.friendlycaptcha.com/docs/v2/sdk/reference/ (WD-06). */
{
  const { service } = document.currentScript.dataset;
  document.addEventListener("consent:change", ({ detail }) => {
    if (detail.granted.includes(service)) return;
    for (const widget of window.frcaptcha?.getAllWidgets() ?? []) widget.destroy();
    window.friendlyChallenge?.autoWidget?.destroy();
  });
}
