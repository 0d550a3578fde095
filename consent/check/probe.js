/**
 * What a browser makes of one layer. Evaluated in the page by consent/check/style.py, which
 * judges; nothing of the page is changed but that animations are brought to their end. What
 * lies around the buttons is measured only where the layer is looked at as a whole.
 */
([selector, whole]) => {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const colours = new Map();

  /** Any CSS colour as red, green, blue (0 to 255) and alpha (0 to 1). */
  const colour = (css) => {
    if (!colours.has(css)) colours.set(css, painted(css));
    return colours.get(css);
  };

  const painted = (css) => {
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = css;
    context.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };

  /** The backgrounds behind an element, from the outside in, its own last. */
  const coats = (element) => {
    const found = [];
    for (let node = element; node; node = node.parentElement) {
      const style = getComputedStyle(node);
      found.unshift([colour(style.backgroundColor), Number(style.opacity)]);
    }
    return found;
  };

  /** Whether a picture lies behind the text of an element, before anything opaque does. */
  const picture = (element) => {
    for (let node = element; node; node = node.parentElement) {
      const style = getComputedStyle(node);
      if (style.backgroundImage !== "none") return true;
      if (colour(style.backgroundColor)[3] === 1) return false;
    }
    return false;
  };

  /** All computed properties; none for a pseudo-element that is not there. */
  const computed = (element, pseudo) => {
    const style = getComputedStyle(element, pseudo);
    if (pseudo && style.content === "none") return {};
    return Object.fromEntries([...style].map((name) => [name, style.getPropertyValue(name)]));
  };

  const isShown = (element) =>
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true });

  const box = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  };

  /** Whether a click in the middle of an element would reach it. */
  const isOnTop = (element) => {
    const { x, y, width, height } = box(element);
    return element.contains(document.elementFromPoint(x + width / 2, y + height / 2));
  };

  const button = (element) => {
    if (!element) return null;
    const style = getComputedStyle(element);
    const shadows = style.boxShadow.match(/[a-z-]+\([^)]*\)/g) ?? [];
    const parts = [element, ...element.querySelectorAll("*")];
    return {
      styles: parts.flatMap((part) =>
        [null, "::before", "::after"].map((pseudo) => computed(part, pseudo)),
      ),
      box: box(element),
      shown: isShown(element),
      top: isOnTop(element),
      coats: coats(element),
      picture: picture(element),
      text: colour(style.webkitTextFillColor),
      border: parseFloat(style.borderTopWidth) ? colour(style.borderTopColor) : null,
      outline: parseFloat(style.outlineWidth) && style.outlineStyle !== "none"
        ? colour(style.outlineColor) : null,
      shadows: shadows.map(colour),
      shadow: style.boxShadow,
    };
  };

  const texts = (root) => {
    const found = new Map();
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      const text = walker.currentNode.data.trim();
      if (!text || found.has(element) || !isShown(element) || element.closest("button")) continue;
      found.set(element, {
        text: text.slice(0, 30),
        colour: colour(getComputedStyle(element).webkitTextFillColor),
        coats: coats(element),
        picture: picture(element),
      });
    }
    return [...found.values()];
  };

  /** What can be hit, with its place. */
  const targets = (root) =>
    [...root.querySelectorAll("button, input, a[data-consent-open]")].filter(isShown)
      .map((element) => element.closest("label") ?? element)
      .map((element) => [element.textContent.trim().slice(0, 30), box(element)]);

  /** How much of the window shows something else than the layer, from 0 to 1. */
  const free = (root) => {
    const steps = [...Array(20).keys()].map((n) => (n + 0.5) / 20);
    const points = steps.flatMap((x) => steps.map((y) => [x * innerWidth, y * innerHeight]));
    const misses = points.filter(([x, y]) => !root.contains(document.elementFromPoint(x, y)));
    return misses.length / points.length;
  };

  const root = document.querySelector(selector);
  if (!root) return "null";
  const top = root.closest("dialog") ?? root;
  getComputedStyle(root).color;
  for (const animation of document.getAnimations())
    try {
      animation.finish();
    } catch {
      animation.cancel();
    }
  const [reject, accept] = ["reject", "accept"].map((decision) =>
    root.querySelector(`button[name=decision][value=${decision}]`),
  );
  // As text, which travels several times as fast.
  return JSON.stringify({
    modal: top.matches(":modal"),
    own: coats(root).slice(coats(top).length - 1),
    dark: getComputedStyle(document.documentElement).colorScheme.includes("dark")
      && matchMedia("(prefers-color-scheme: dark)").matches,
    window: [innerWidth, innerHeight],
    box: box(root),
    ...(whole && { free: free(root), texts: texts(root), targets: targets(root) }),
    reject: button(reject),
    accept: button(accept),
  });
}
