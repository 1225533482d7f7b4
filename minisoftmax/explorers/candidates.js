// Candidates for the next token, before and after what cuts them, and the four settings that do: for two explorers.
globalThis.minisoftmax.candidates ??= (() => {
  "use strict";
  const { Explorer, filtered, softmax, topP } = minisoftmax;
  const { check, element, fixed, probability } = Explorer;

  const NAMES = ["top-k", "top-p", "min-p"];
  // The line of top-p, and what takes the hand.
  const LINE = `width: 1.9rem; height: 3.25rem; border: 0; border-radius: 0; appearance: none; pointer-events: auto;
    cursor: ew-resize; background: radial-gradient(circle at 50% 2.65rem, var(--accent) 0.5rem, transparent 0.55rem),
    linear-gradient(currentColor 0 0) 50% 0 / 3px 2.2rem no-repeat;`;
  const STYLE = `
    .candidates { display: grid; grid-template-columns: minmax(3rem, max-content) 1fr 4.75rem; gap: 0.2rem 0.5rem;
      align-items: center; margin-top: 0.5rem; }
    .candidates > * { min-width: 0; }
    .word { max-width: 8rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: end; }
    .out.word { text-decoration: line-through; }
    .track { position: relative; height: 1.25rem; overflow: hidden; border-inline-start: 1px solid var(--line); }
    .track div { position: absolute; inset-block: 0; width: calc(100% * var(--share)); }
    .after { background: var(--blue); }
    .before { border: 1px solid currentColor; border-inline-start: 0; }
    .track .drawn { inset-block: auto 0; height: 0.4rem; background: var(--orange); outline: 1px solid #000; }
    .drawn:not(.some) { visibility: hidden; }
    .share, .note { font-size: 0.8125rem; }
    .share { white-space: nowrap; }
    .key { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: 0.8125rem; }
    .key span::before { content: ""; display: inline-block; width: 1rem; height: 0.7rem; margin-inline-end: 0.35rem;
      forced-color-adjust: none; }
    .key .a::before { border: 1px solid currentColor; }
    .key .b::before { background: var(--blue); }
    .key .c::before { height: 0.35rem; background: var(--orange); outline: 1px solid #000; vertical-align: 0.1rem; }
    .controls .range { flex: 1 1 100%; }
    .nucleus { flex-wrap: wrap; row-gap: 0.3rem; }
    .nucleus .name { flex: 1; }
    .nucleus .ends { flex: 1 0 100%; order: -1; }
    .pieces { position: relative; flex: 1 0 100%; height: 1.75rem; margin-top: 0.35rem; line-height: 1.75rem;
      box-shadow: inset 0 0 0 1px var(--line); }
    .pieces div { position: absolute; inset: 0 auto 0 calc(100% * var(--from)); overflow: hidden; white-space: nowrap;
      width: calc(100% * var(--share) - min(1px, 20% * var(--share))); text-indent: 0.25rem;
      box-shadow: inset -1px 0 var(--line); }
    .pieces .in { background: var(--blue); box-shadow: none; }
    .pieces .in span { color: #fff; }
    .pieces .crossing { inset-block: -0.35rem 0; z-index: 1; padding-top: 0.35rem; outline: 2px solid currentColor; }
    .nucleus [type=range] { position: relative; z-index: 2; flex: none; width: calc(100% + 1.9rem); height: 3.25rem;
      margin: -2.1rem -0.95rem 0; color: inherit; appearance: none; background: none; pointer-events: none; }
    .nucleus ::-webkit-slider-thumb { ${LINE} }
    .nucleus ::-moz-range-thumb { ${LINE} }
    @media (forced-colors: active) { .pieces, .nucleus [type=range] { color: CanvasText; forced-color-adjust: none; } }
    @container (max-width: 32rem) { .nucleus .name, .others { min-height: 2.9em; } }
    @container (max-width: 17rem) { .nucleus .name { min-height: 4.4em; } }
    @media (prefers-reduced-motion: no-preference) { .after, .before { transition: width 120ms; } }`;

  // What is off has the value that changes nothing.
  function read(explorer, { temperature = 1, top_k: k = null, top_p: p = null, min_p: m = null }, count) {
    check(k === null || (Number.isInteger(k) && k >= 1), explorer._("{name} must be a whole number >= 1", { name: "top_k" }));
    check(p === null || (p > 0 && p <= 1), explorer._("{name} must be above 0 and at most 1", { name: "top_p" }));
    check(m === null || (m >= 0 && m <= 1),
      explorer._("{name} must be from {low} to {high}", { name: "min_p", low: 0, high: 1 }));
    const T = explorer.checkTemperature(temperature);
    return { temperature: T, top_k: Math.min(k ?? count, count), top_p: p ?? 1, min_p: m ?? 0 };
  }

  // What top-p sees, the likeliest first, of equals the last: their sums so far, and how many stay. The last of these
  // crosses p.
  function nucleus(logits, p) {
    const probabilities = softmax(logits);
    const order = [...logits.keys()].filter((i) => logits[i] > -Infinity).sort((a, b) => logits[b] - logits[a] || b - a);
    let mass = 0;
    const sums = order.map((i) => (mass += probabilities[i]));
    return { order, sums, kept: topP(logits, p).filter((z) => z > -Infinity).length };
  }

  // Logits after each cut in turn, the probabilities before all of them and after; heated first or last.
  function shares(logits, { temperature, top_k: k, top_p: p, min_p: m }, heatsLast = false) {
    const first = heatsLast ? 1 : temperature;
    const cuts = [{ topK: k }, { topK: k, topP: p }, { topK: k, topP: p, minP: m > 0 ? m : null }];
    const left = cuts.map((cut) => filtered(logits, { temperature: first, ...cut }));
    return { before: softmax(logits, temperature), left, nucleus: nucleus(left[0], p),
      after: softmax(left[2], heatsLast ? temperature : 1) };
  }

  function controls(explorer, count, set) {
    const { temperature, top_k: k, top_p: p, min_p: m } = explorer.state;
    const hundredths = { places: 100, toPlace: (x) => Math.round(100 * x), toValue: (place) => place / 100 };
    const off = (isOff) => (x) => (isOff(x) ? explorer._("off") : String(x));
    const even = count <= 20; // or else as many places for 2 to 20 as for 20 to 200
    const whole = even
      ? { places: count, toPlace: (x) => x, toValue: (place) => Math.max(1, place) }
      : { places: 100, toPlace: (x) => (100 * Math.log(x)) / Math.log(count), toValue: (place) => Math.round(count ** (place / 100)) };
    return [
      explorer.shows("temperature", explorer.temperatureRange(temperature, set("temperature"))),
      explorer.shows("top_k", explorer.range({ ...whole, name: "Top-k", low: 1, high: count, value: k, format: String,
        change: (x) => set("top_k")(Math.round(x)), spoken: off((x) => x === count) })),
      explorer.shows("top_p", piled(explorer, explorer.range({ ...hundredths, name: "Top-p", low: 0.001, high: 1, value: p,
        format: String, change: set("top_p"), toPlace: (x) => 100 * x,
        toValue: (place) => Math.max(1, Math.round(place)) / 100, spoken: off((x) => x === 1) }))),
      explorer.shows("min_p", explorer.range({ ...hundredths, name: "Min-p", low: 0, high: 1, value: m, format: String,
        change: set("min_p"), spoken: off((x) => x === 0) })),
    ];
  }

  // Put the candidates in a row behind the slider of top-p, whose line then stands at p. Only the line takes a hand: a
  // finger on the row scrolls the page.
  function piled(explorer, range) {
    const [name, ends] = range.children;
    const slider = ends.firstChild;
    const pieces = element("div", { class: "pieces bar", "aria-hidden": true });
    const note = element("span", { class: "note" });
    range.classList.add("nucleus");
    slider.step = "any"; // so that the line stands exactly at p
    ends.prepend(pieces);
    name.append(" ", note);
    range.pile = (labels, { order, sums, kept }, p) => {
      pieces.replaceChildren(...order.map((i, place) => {
        const from = sums[place - 1] ?? 0;
        const share = sums[place] - from;
        const crosses = p < 1 && place === kept - 1;
        return element("div", { class: place >= kept ? "" : crosses ? "in crossing" : "in",
          style: `--from: ${from}; --share: ${share}` },
          element("span", {}, share > 0.02 + 0.025 * labels[i].length ? labels[i] : ""));
      }));
      const numbers = { label: labels[order[kept - 1]], kept, mass: fixed(sums[kept - 1], 3) };
      note.textContent = p === 1 ? explorer._("off: nothing is cut")
        : explorer._("“{label}” crosses the line and stays: {kept} kept, {mass} together", numbers);
      slider.setAttribute("aria-valuetext", p === 1 ? note.textContent : `${p}: ${note.textContent}`);
    };
    return range;
  }

  function table(explorer, count) {
    const rows = Array.from({ length: count }, () => {
      const bar = (name) => element("div", { class: `bar ${name}` });
      return { word: element("span", { class: "word" }), share: element("span", { class: "share number" }),
        track: element("div", { class: "track", "aria-hidden": true }, bar("after"), bar("before"), bar("drawn")) };
    });
    const named = { class: "candidates", role: "list", "aria-label": explorer._("Candidates") };
    const list = element("div", named, ...rows.map((row) =>
      element("div", { role: "listitem", style: "display: contents" }, row.word, row.track, row.share)));
    return { list, rows };
  }

  // Fill a row with candidate i; `drawn` is the share of the draws that it had, and `note` what stands beside its probability.
  function fill(explorer, { word, track, share }, label, i, { before, left, after }, longest, { drawn = 0, note = "" } = {}) {
    const isOut = after[i] === 0;
    const cut = left.findIndex((logits) => logits[i] === -Infinity);
    word.textContent = word.title = label;
    for (const part of [word, share]) part.classList.toggle("out", isOut);
    for (const [bar, p] of [after[i], before[i], drawn].entries()) {
      track.children[bar].style.setProperty("--share", Math.min(1, p / longest));
    }
    track.children[2].classList.toggle("some", drawn > 0);
    const gone = () => (before[i] === 0 || cut < 0 ? "0" : explorer._("cut: {filter}", { filter: NAMES[cut] }));
    share.textContent = isOut ? gone() : probability(after[i]) + note;
  }

  const key = (...texts) => element("p", { class: "key", "aria-hidden": true },
    ...texts.map((text, i) => element("span", { class: "abc"[i] }, text)));

  return { STYLE, controls, fill, key, read, shares, table };
})();
