// A reliability diagram, its bins and two scores, under a temperature.
(() => {
  "use strict";
  const { Explorer, logSoftmax, softmax, sum } = minisoftmax;
  const { element, fixed, scored, svg } = Explorer;

  const SIDE = 200;
  const TEMPERATURES = Array.from({ length: 61 }, (_, i) => 10 ** (i / 30 - 1)); // of the curve: 0.1 to 10

  // Confidence and accuracy, bin by bin; an edge belongs to the bin below it.
  function curve(rows, labels, bins) {
    const found = Array.from({ length: bins }, () => ({ count: 0, said: 0, right: 0 }));
    for (const [i, p] of rows.entries()) {
      const top = Math.min(1, Math.max(...p));
      let bin = 0;
      while (bin < bins - 1 && (bin + 1) / bins < top) bin++;
      found[bin].count += 1;
      found[bin].said += top;
      found[bin].right += p.indexOf(Math.max(...p)) === labels[i];
    }
    return found.map(({ count, said, right }) => ({ count, said: said / count, right: right / count }));
  }

  function scores(logits, labels, temperature, bins) {
    const parts = curve(logits.map((z) => softmax(z, temperature)), labels, bins);
    const gaps = parts.map(({ count, said, right }) => (count ? (count * Math.abs(right - said)) / logits.length : 0));
    const losses = logits.map((z, i) => -logSoftmax(z, temperature)[labels[i]]);
    return { bins: parts, ece: sum(gaps), nll: sum(losses) / logits.length };
  }

  class CalibrationExplorer extends Explorer {
    static address = { T: "temperature", bins: "n_bins" };
    static style = `
      .layout { display: grid; grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr); gap: 0.5rem 1.5rem; }
      svg { display: block; width: 100%; height: auto; overflow: visible; }
      svg text { fill: currentColor; font-size: 11px; }
      .axis { fill: none; stroke: currentColor; }
      .diagonal { stroke: currentColor; stroke-dasharray: 3 3; }
      .gap { stroke: var(--orange); stroke-width: 3; }
      .dot { fill: var(--blue); stroke: light-dark(#fff, #000); }
      .bins rect { fill: var(--blue); }
      .curve { fill: none; stroke: var(--accent); stroke-width: 2; }
      .curve.ece { stroke: var(--orange); }
      .now { stroke: currentColor; stroke-width: 1.5; }
      .note { font-size: 0.8125rem; }
      .controls { margin: 0.25rem 0 0.75rem; }
      @container (max-width: 30rem) {
        .layout { grid-template-columns: minmax(0, 1fr); }
        .note { min-height: 5.6em; }
      }
      @container (max-width: 18rem) { .note { min-height: 7em; } }`;

    read({ logits, labels, temperature = 1, n_bins: bins = 10 }) {
      const size = logits?.[0]?.length;
      const isTable = Array.isArray(logits) && size >= 2 && logits.every((row) => Array.isArray(row) && row.length === size);
      Explorer.check(isTable && logits.length <= 2000,
        this._("{name} must be {low} to {high} rows of equal length", { name: "logits", low: 1, high: 2000 }));
      this.checkNumbers(logits.flat(), "logits");
      const fits = (label) => Number.isInteger(label) && label >= 0 && label < size;
      Explorer.check(Array.isArray(labels) && labels.length === logits.length && labels.every(fits),
        this._("{name} must be the number of a class for each row", { name: "labels" }));
      Explorer.check(Number.isInteger(bins) && bins >= 2 && bins <= 50,
        this._("{name} must be a whole number from {low} to {high}", { name: "n_bins", low: 2, high: 50 }));
      return { logits, labels, temperature: this.checkTemperature(temperature), n_bins: bins };
    }

    get numbers() {
      const { logits, labels, temperature, n_bins: bins } = this.state;
      return scores(logits, labels, temperature, bins);
    }

    get challenge() {
      const { logits, labels, temperature } = this.state;
      this.best ??= TEMPERATURES.reduce((best, T) => {
        const { nll } = scores(logits, labels, T, 2);
        return nll < best.nll ? { T, nll } : best;
      }, { T: 1, nll: Infinity });
      const isNear = Math.abs(Math.log(temperature / this.best.T)) < 0.09;
      return [this._("find the temperature with the lowest log loss."), isNear];
    }

    build() {
      const { temperature, n_bins: bins } = this.state;
      const drawing = (name, height, label) => svg("svg", { class: name, viewBox: `-26 -8 ${SIDE + 34} ${height}`, role: "img",
        "aria-label": label });
      this.parts = {
        diagram: drawing("diagram", SIDE + 44, this._("Reliability diagram")),
        counts: drawing("bins", 100, this._("How many answers each bin has")),
        curves: drawing("curves", 124, this._("Log loss and ECE against temperature")),
        scores: element("p", { class: "scores number" }), note: element("p", { class: "note" }),
      };
      const { parts } = this;
      return [parts.scores,
        element("div", { class: "controls" },
          this.shows("temperature", this.temperatureRange(temperature, (T) => this.set("temperature", T))),
          this.shows("n_bins", this.range({ name: this._("Bins"), low: 2, high: 50, value: bins, places: 48, format: String,
            toPlace: (n) => n - 2, toValue: (place) => place + 2, change: (n) => this.set("n_bins", Math.round(n)) }))),
        element("div", { class: "layout" }, parts.diagram, element("div", {}, parts.counts, parts.curves)), parts.note];
    }

    draw() {
      const { logits, labels, temperature: T, n_bins: count } = this.state;
      const { bins, ece, nll } = this.numbers;
      const { parts } = this;
      const text = (x, y, words, anchor = "middle") => {
        const made = svg("text", { x, y, "text-anchor": anchor });
        made.textContent = words;
        return made;
      };
      const line = (name, x1, y1, x2, y2) => svg("line", { class: name, x1, y1, x2, y2 });
      const at = (share) => SIDE * share;
      const filled = bins.filter((bin) => bin.count > 0);
      const most = Math.max(...bins.map((bin) => bin.count));
      parts.diagram.replaceChildren(
        svg("path", { class: "axis", d: `M0 0V${SIDE}H${SIDE}` }), line("diagonal", 0, SIDE, SIDE, 0),
        ...[0, 0.5, 1].flatMap((x) => [text(at(x), SIDE + 14, x), text(-6, SIDE - at(x) + 4, x, "end")]),
        text(SIDE / 2, SIDE + 30, this._("confidence: what it said")), text(4, 4, this._("share right"), "start"),
        ...filled.map(({ said, right }) => line("gap", at(said), SIDE - at(said), at(said), SIDE - at(right))),
        ...filled.map(({ said, right, count: n }) =>
          svg("circle", { class: "dot", cx: at(said), cy: SIDE - at(right), r: 2.5 + 6 * Math.sqrt(n / most) })));
      parts.counts.replaceChildren(
        ...bins.map((bin, i) => svg("rect", { x: (SIDE * i) / count + 0.5, width: SIDE / count - 1,
          y: 60 - (60 * bin.count) / most, height: (60 * bin.count) / most })),
        line("axis", 0, 60, SIDE, 60), text(0, 74, "0"), text(SIDE, 74, "1"), text(SIDE / 2, 74, this._("answers a bin")),
        text(-4, 6, most, "end"));
      this.lines(text, line);
      const sureness = sum(filled.map(({ count: n, said }) => n * said)) / logits.length;
      const right = sum(filled.map(({ count: n, right: share }) => n * share)) / logits.length;
      const shown = [["ECE", ece], [this._("log loss"), nll], [this._("sure"), sureness], [this._("right"), right]];
      parts.scores.replaceChildren(...scored(shown.map(([name, x]) => [name, fixed(x, 3)])));
      const way = sureness > right + 0.005 ? this._("too sure")
        : sureness < right - 0.005 ? this._("too modest") : this._("about as sure as it is right");
      parts.note.textContent = this._("{count} answers. A dot below the dashed line: it said more than was right. " +
        "On the whole it is {way}; no answer changes with T.", { count: logits.length, way });
      const loss = nll === Infinity ? this._("infinite") : fixed(nll, 3);
      this.say(this._("ECE {ece}, log loss {loss}, {way}.", { ece: fixed(ece, 3), loss, way }));
    }

    // Both scores against temperature, and where it is now.
    lines(text, line) {
      const { logits, labels, temperature: T, n_bins: count } = this.state;
      if (this.curveOf !== count) {
        this.curve = TEMPERATURES.map((t) => scores(logits, labels, t, count));
        this.curveOf = count;
      }
      const place = (t) => (SIDE * (Math.log10(Math.min(10, Math.max(0.1, t))) + 1)) / 2;
      const tallest = Math.min(4, Math.max(...this.curve.map(({ nll }) => nll)));
      const path = (name, value, most) => svg("path", { class: `curve ${name}`, d: this.curve.map((score, i) =>
        `${i ? "L" : "M"}${place(TEMPERATURES[i]).toFixed(1)} ${(80 - 80 * Math.min(1, value(score) / most)).toFixed(1)}`).join("") });
      const highest = Math.max(...this.curve.map(({ ece }) => ece));
      this.parts.curves.replaceChildren(path("nll", ({ nll }) => nll, tallest), path("ece", ({ ece }) => ece, 2 * highest),
        line("axis", 0, 80, SIDE, 80), line("now", place(T), 0, place(T), 80),
        ...[0.1, 1, 10].map((t) => text(place(t), 94, t)), text(SIDE / 2, 108, this._("temperature")),
        text(SIDE, -4, this._("log loss (blue), ECE (orange)"), "end"));
    }
  }

  Explorer.define("calibration-explorer", CalibrationExplorer);
})();
