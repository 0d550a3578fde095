/** Show the settings in a dialog, or reject. */
export const open = async (link) => {
  // Trusted Types let a request parse.
  const request = new XMLHttpRequest();
  // Whatever links say.
  request.open("GET", import.meta.url.slice(0, -21) + `settings${link.search || "?"}&part=form`);
  request.responseType = "document";
  request.send();
  await new Promise((resolve) => (request.onloadend = resolve));
  const form = request.response.querySelector("[data-consent-layer=settings]");
  form.querySelector("[formmethod=dialog]").hidden = false;
  if (document.querySelector("dialog.cst-dialog")) return;

  const dialog = document.createElement("dialog");
  dialog.className = "cst-dialog";
  dialog.tabIndex = -1;
  dialog.setAttribute("aria-labelledby", "consent-settings");
  dialog.append(form);
  document.body.append(dialog);
  dialog.onclose = dialog.remove;
  if (form.querySelector("[data-consent-all]"))
    import("./purposes.js").then(({ join }) => join(form)).catch(() => {});
  // Safari does not focus a clicked link.
  link.focus();
  dialog.showModal();
  dialog.focus();
};
