/**
 * One box for all services of a purpose, above the box of each. What serves another purpose as well
 * is ticked by itself only: nobody allows that other purpose by this one.
 */

const ALONE = '[data-consent-purpose]:not([data-consent-purpose*=" "]) [name=service]';

/** @param {HTMLFormElement} form */
export const join = (form) => {
  for (const whole of form.querySelectorAll("[data-consent-all]")) {
    const boxes = [...whole.closest("fieldset").querySelectorAll(ALONE)];
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
