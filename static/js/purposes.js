/** One box for all services of a purpose, above the box of each. */

/** @param {HTMLFormElement} form */
export const join = (form) => {
  for (const whole of form.querySelectorAll("[data-consent-all]")) {
    const boxes = [...whole.closest("fieldset").querySelectorAll("[name=service]")];
    const show = () => {
      const ticked = boxes.filter(({ checked }) => checked);
      whole.checked = ticked.length === boxes.length;
      whole.indeterminate = ticked[0] && !whole.checked;
    };
    whole.onchange = () => {
      for (const box of boxes) box.checked = whole.checked;
    };
    for (const box of boxes) box.addEventListener("change", show);
    whole.hidden = false;
    show();
  }
};
