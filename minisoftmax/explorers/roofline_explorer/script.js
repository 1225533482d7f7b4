// How long an array takes: as long as its bytes, or as its arithmetic, whichever is longer.
(() => {
  "use strict";
  const { Explorer } = minisoftmax;
  const { element, filled, raised, svg } = Explorer;

  const ITEM = 4; // bytes of a float32
  const CACHE_SPEED = 8; // times as fast as the memory, about

  function predict({ entries, transfers, bandwidth, cache, work }) {
    const fits = 2 * ITEM * entries <= cache * 2 ** 20;
    const memory = (transfers * ITEM * entries) / (bandwidth * 1e9 * (fits ? CACHE_SPEED : 1));
    const arithmetic = entries * work * 1e-9;
    const seconds = Math.max(memory, arithmetic);
    return { memory, arithmetic, seconds, nanoseconds: (seconds / entries) * 1e9 };
  }

  // Name, lowest, highest, steps: all but the transfers run evenly in their logarithm.
  const CONTROLS = [
    ["transfers", 1, 10, 9],
    ["bandwidth", 1, 10000, 80],
    ["cache", 0.1, 1000, 80],
    ["work", 0.0001, 10, 100],
    ["entries", 1e3, 1e9, 120],
  ];

  function short(x) {
    const [digits, power] = Number(x.toPrecision(3)).toExponential().split("e+");
    if (x < 1e5) return String(Number(x.toPrecision(3)));
    return `${digits === "1" ? "" : `${digits}×`}10${raised(power)}`;
  }

  function time(seconds) {
    const [unit, factor] = seconds >= 1 ? ["s", 1] : seconds >= 1e-3 ? ["ms", 1e3] : ["µs", 1e6];
    return `${Number((seconds * factor).toPrecision(3))} ${unit}`;
  }

  const [LEFT, TOP, WIDTH, HEIGHT] = [44, 10, 306, 150];
  const across = (entries) => LEFT + (WIDTH * (Math.log10(entries) - 3)) / 6;
  const down = (ns) => TOP + (HEIGHT * (3 - Math.min(3, Math.max(-3, Math.log10(ns))))) / 6;

  class RooflineExplorer extends Explorer {
    static address = { n: "entries", k: "transfers", b: "bandwidth", cache: "cache", w: "work" };
    static style = `
      .chart { display: block; width: 100%; max-width: 28rem; height: auto; margin-block: 0.5rem; }
      .chart text { font-size: 12px; fill: currentColor; }
      .chart .grid { stroke: var(--line); stroke-width: 1; }
      .chart .predicted { fill: none; stroke: var(--blue); stroke-width: 3; }
      .chart .measured { fill: var(--orange); stroke: currentColor; stroke-width: 1; }
      .chart .here { fill: none; stroke: currentColor; stroke-width: 2.5; }
      .controls { display: grid; grid-template-columns: minmax(5.5rem, max-content) 1fr max-content; }
      .range { display: grid; grid-template-columns: subgrid; grid-column: 1 / -1; }
      .range .name { min-width: 0; }
      .range .field { width: 5rem; }
      @container (max-width: 30rem) {
        .said, .times { min-height: 2.8em; }
        .chart text { font-size: 15px; }
      }
      @container (max-width: 20rem) {
        .controls { grid-template-columns: 1fr max-content; }
        .range .name { grid-column: 1 / -1; }
      }`;

    read({ entries, transfers, bandwidth, cache, work, measured = [] }) {
      const state = { entries, transfers, bandwidth, cache, work };
      for (const [name, low, high] of CONTROLS) {
        const fits = Number.isFinite(state[name]) && state[name] >= low && state[name] <= high;
        Explorer.check(fits, this._("{name} must be a number from {low} to {high}", { name, low, high }));
      }
      const allowed = Array.isArray(measured) && measured.every((pair) => pair.length === 2 && pair.every((x) => x > 0));
      Explorer.check(allowed, this._("{name} must be pairs of numbers above 0", { name: "measured" }));
      return { ...state, measured };
    }

    get challenge() {
      const { entries } = this.state;
      return [this._("get 10⁹ entries done in 10 ms."), entries === 1e9 && this.numbers.seconds <= 0.01];
    }

    get numbers() {
      return predict(this.state);
    }

    build() {
      const chart = svg("svg", { class: "chart", viewBox: "0 0 360 190", "aria-hidden": "true" });
      const word = (x, y, anchor, text) => {
        const made = svg("text", { x, y, "text-anchor": anchor });
        made.textContent = text;
        return made;
      };
      for (const ns of [0.001, 1, 1000]) {
        chart.append(svg("line", { class: "grid", x1: LEFT, x2: LEFT + WIDTH, y1: down(ns), y2: down(ns) }),
          word(LEFT - 6, down(ns) + 4, "end", String(ns)));
      }
      chart.append(word(across(1e3), 178, "middle", "10³"), word(across(1e6), 178, "middle", "10⁶"),
        word(across(1e9), 178, "end", this._("10⁹ entries")));
      this.parts = { line: svg("path", { class: "predicted" }), here: svg("circle", { class: "here", r: 7 }),
        said: element("p", { class: "said" }), times: element("p", { class: "times number" }) };
      const points = this.state.measured.filter(([n]) => n >= 1e3 && n <= 1e9).map(([n, seconds]) =>
        svg("rect", { class: "measured", x: across(n) - 4, y: down((1e9 * seconds) / n) - 4, width: 8, height: 8 }));
      chart.append(this.parts.line, ...points, this.parts.here);
      const texts = {
        transfers: [this._("Transfers"), this._("reads and writes of the array")], bandwidth: [this._("Bandwidth"), "GB/s"],
        cache: [this._("Cache"), "MiB"], work: [this._("Arithmetic"), this._("ns an entry")], entries: [this._("Entries"), ""],
      };
      const ranges = CONTROLS.map(([name, low, high, places]) => {
        const [text, unit] = texts[name];
        const even = name === "transfers";
        return this.shows(name, this.range({
          name: text, label: text, low, high, value: this.state[name], places, format: short,
          spoken: (x) => `${short(x)} ${unit}`.trim(),
          toValue: (place) => Number((even ? low + place : low * (high / low) ** (place / places)).toPrecision(3)),
          toPlace: (x) => (even ? x - low : Math.round((places * Math.log(x / low)) / Math.log(high / low))),
          change: (x) => this.set(name, x),
        }));
      });
      const sentence = points.length ? this._("{what}: the line is predicted, the squares are measured")
        : this._("{what}: the line is predicted");
      const what = element("strong", {}, this._("Nanoseconds for each entry"));
      const heading = element("p", { class: "heading" }, ...filled(sentence, { what }));
      return [element("div", { class: "top" }, heading), chart, this.parts.said, this.parts.times,
        element("div", { class: "controls" }, ...ranges),
        element("p", {}, this._("Transfers: how often the array is read or written. " +
          "Bandwidth in GB/s, cache in MiB, arithmetic in nanoseconds for each entry."))];
    }

    draw() {
      const { memory, arithmetic, seconds, nanoseconds } = this.numbers;
      const { entries } = this.state;
      const places = Array.from({ length: 241 }, (_, k) => 10 ** (3 + k / 40));
      const point = (n) => `${across(n).toFixed(1)} ${down(predict({ ...this.state, entries: n }).nanoseconds).toFixed(1)}`;
      this.parts.line.setAttribute("d", `M${places.map(point).join("L")}`);
      this.parts.here.setAttribute("cx", across(entries));
      this.parts.here.setAttribute("cy", down(nanoseconds));
      const said = { entries: short(entries), time: time(seconds) };
      this.parts.said.textContent = memory >= arithmetic ? this._("{entries} entries take {time}: the bytes decide.", said)
        : this._("{entries} entries take {time}: the arithmetic decides.", said);
      this.parts.times.textContent = this._("Bytes alone: {bytes}. Arithmetic alone: {arithmetic}.",
        { bytes: time(memory), arithmetic: time(arithmetic) });
      this.say(this.parts.said.textContent);
    }
  }

  Explorer.define("roofline-explorer", RooflineExplorer);
})();
