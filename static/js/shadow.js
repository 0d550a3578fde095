/** Gates in shadow trees, which pages do not look into: docs/gate.md. */

/** Those that are looked after. */
const trees = new Set();

/** What the page runs, under an address with a version. */
const main = async () => {
  if (document.readyState === "loading")
    await new Promise((resolve) =>
      document.addEventListener("DOMContentLoaded", resolve, { once: true }),
    );
  const href = import.meta.url.replace(/shadow\.js.*/, "consent.js");
  const script = [...document.scripts].find(({ src }) => src.startsWith(href));
  return import(script.src);
};

let due;
const look = () => {
  due ??= setTimeout(async () => {
    due = null;
    const { settle } = await main();
    for (const tree of trees)
      if (tree.isConnected) settle(tree);
      else trees.delete(tree);
  }, 20);
};

const observer = new MutationObserver(look);
document.addEventListener("consent:change", look);

/**
 * Do in a shadow tree what is done in the document: hold what is gated, start what is allowed, now
 * and later, and send what is pressed in placeholders. Rejects on a page without consent.head().
 *
 * @param {ShadowRoot} tree open or closed, of an element that is in the page
 */
export const watch = async (tree) => {
  const { decide } = await main();
  trees.add(tree);
  tree.addEventListener("submit", decide);
  observer.observe(tree, { childList: true, subtree: true });
  look();
};
