/** Friendly Captcha: https://developer.friendlycaptcha.com/docs/v2/sdk/reference/ (WD-06). */
{
  const { service } = document.currentScript.dataset;
  document.addEventListener("consent:change", ({ detail }) => {
    if (detail.granted.includes(service)) return;
    const { frcaptcha, friendlyChallenge } = window;
    if (frcaptcha) for (const widget of frcaptcha.getAllWidgets()) widget.destroy();
    if (friendlyChallenge && friendlyChallenge.autoWidget) friendlyChallenge.autoWidget.destroy();
  });
}
