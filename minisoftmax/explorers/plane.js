// Vectors in a square of the plane, to drag, to move with keys, or to type: for two explorers.
globalThis.minisoftmax.plane ??= (() => {
  "use strict";
  const { draggable, element, fixed, minus } = minisoftmax.Explorer;

  const STYLE = `
    .plane { position: relative; aspect-ratio: 1; overflow: hidden; border-radius: 0.3rem; }
    .plane :is(canvas, svg) { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none; }
    .handle, .mark { position: absolute; left: var(--x); top: var(--y); }
    .handle { width: 44px; height: 44px; margin: -22px; touch-action: none; cursor: grab; }
    .handle:focus-visible { outline-color: currentColor; outline-offset: -4px; border-radius: 50%; }
    .handle::before { content: ""; position: absolute; inset: 13px; border: 3px solid currentColor; border-radius: 50%;
      background: var(--color, #fff); }
    .handle span { position: absolute; left: 50%; bottom: 34px; max-width: 7rem; padding: 0 0.3rem; overflow: hidden;
      text-overflow: ellipsis; translate: -50%; border-radius: 0.25rem; color: #000; background: #fff; font-size: 0.8125rem;
      white-space: nowrap; pointer-events: none; }
    .low span { bottom: auto; top: 34px; }
    .pair { display: flex; gap: 0.3rem; }
    .pair .field { width: 3.6rem; }`;

  // Put something at [x, y], where the square is from `low` to `high` both ways.
  function put(part, [x, y], { low, high }) {
    const percent = (value) => `${(100 * value) / (high - low)}%`;
    part.style.setProperty("--x", percent(x - low));
    part.style.setProperty("--y", percent(high - y));
    const edge = 0.17 * (high - low);
    part.classList.toggle("low", y > 0 ? high - y < edge : y - low > edge); // its name is below it, as the arrow is above
    part.classList.toggle("far", x - low > 0.6 * (high - low)); // its name is left of it
  }

  // A handle for a vector, and two fields for its numbers; `place()` is where it is, and `move` takes it elsewhere.
  function vector(explorer, { name, label, square, place, move, ...look }) {
    const { low, high } = square;
    const to = (...x) => move(x.map((x) => Math.min(high, Math.max(low, Math.round(x * 20) / 20)) + 0));
    const handle = element("div", { class: "handle", role: "slider", tabindex: 0, "aria-label": name,
      "aria-roledescription": explorer._("handle in the plane"), "aria-valuemin": low, "aria-valuemax": high, ...look },
      element("span", {}, label));
    const start = () => {
      const [fromX, fromY] = place();
      const perPixel = (high - low) / handle.parentElement.clientWidth;
      return (x, y) => to(fromX + x * perPixel, fromY - y * perPixel);
    };
    const step = (x, y) => () => to(place()[0] + x, place()[1] + y);
    draggable(handle, start, {
      ArrowRight: step(0.1, 0), ArrowLeft: step(-0.1, 0), ArrowUp: step(0, 0.1), ArrowDown: step(0, -0.1),
      PageUp: step(0, 1), PageDown: step(0, -1), End: step(1, 0), Home: step(-1, 0),
    });
    const format = (x) => minus(String(Number(x.toFixed(4))));
    const fields = [explorer._("{name}, right", { name }), explorer._("{name}, up", { name })].map((name, axis) =>
      explorer.field({ name, low, high, value: place()[axis], format,
        change: (x) => move(axis ? [place()[0], x] : [x, place()[1]]) }));
    const show = () => {
      const [x, y] = place();
      put(handle, [x, y], square);
      handle.setAttribute("aria-valuenow", x);
      handle.setAttribute("aria-valuetext", explorer._("right {x}, up {y}", { x: fixed(x), y: fixed(y) }));
      fields[0].show(x);
      fields[1].show(y);
    };
    return { handle, pair: element("span", { class: "pair" }, ...fields), show };
  }

  return { STYLE, put, vector };
})();
