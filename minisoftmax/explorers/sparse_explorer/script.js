// Scores and their entmax between softmax (α = 1) and sparsemax (α = 2): what gets exactly 0 is struck out.
(() => {
  "use strict";
  const { Explorer, distances, softmax, sum } = minisoftmax;
  const { element, filled, fixed, probability } = Explorer;

  // (p^s − 1) / s = z − λ with s = α − 1 and the λ for which p sums to 1: Newton's method, as in the package.
  function entmax(logits, alpha, temperature) {
    const s = alpha - 1;
    if (s === 0) return softmax(logits, temperature);
    const shifted = distances(logits, temperature);
    let level = 0;
    for (;;) {
      const bases = shifted.map((z) => Math.max(s * (z - level), -1)); // minus 1
      const p = bases.map((base) => Math.exp(Math.log1p(base) / s));
      const slopes = p.map((share, i) => (share > 0 ? share / (1 + bases[i]) : 0));
      const total = sum(p);
      const next = level - (total * Math.expm1(-s * Math.log(total))) / (s * sum(slopes));
      if (!(total > 1 + 1e-14 && next > level)) {
        return p.map((share, i) => Math.max(share - (slopes[i] * (total - 1)) / sum(slopes), 0));
      }
      level = next;
    }
  }

  const share = (p) => (p === 0 ? "0" : probability(p));

  class SparseExplorer extends Explorer {
    static address = { z: "logits", a: "alpha", T: "temperature" };
    static style = `
      .option { display: grid; grid-template-columns: 5.5rem minmax(0, 1fr); align-items: center; gap: 0 0.6rem;
        margin-top: 0.3rem; }
      .option .label { overflow: hidden; font-weight: 600; text-align: right; text-overflow: ellipsis; white-space: nowrap; }
      .zero .label { font-weight: 400; text-decoration: line-through; text-decoration-thickness: 2px; }
      .option .range .name { display: none; }
      .option .range { grid-row: 1; grid-column: 2; }
      .summary { min-height: 1.4em; }
      .track { position: relative; grid-column: 2; height: 1.5rem; margin-right: 3.5rem; border-left: 1px solid var(--line); }
      .track .bar { height: 1rem; width: calc(100% * var(--share)); background: var(--blue); }
      .track .softmax { position: absolute; top: 0; height: 1rem; width: calc(100% * var(--share));
        border: 1px dashed currentColor; border-left: 0; }
      .track .number { position: absolute; top: -0.15rem; left: calc(100% * var(--share)); padding-left: 0.3rem;
        font-size: 0.875rem; }
      .note { font-size: 0.875rem; }
      @container (max-width: 30rem) { .summary { min-height: 2.8em; } }`;

    read({ logits, labels, alpha = 1.5, temperature = 1 }) {
      this.checkNumbers(logits, "logits", 10);
      Explorer.check(logits.length >= 2 && logits.length <= 8,
        this._("{name} must be {low} to {high} numbers", { name: "logits", low: 2, high: 8 }));
      this.checkLabels(labels, logits.length);
      Explorer.check(typeof alpha === "number" && alpha >= 1 && alpha <= 2,
        this._("{name} must be a number from {low} to {high}", { name: "alpha", low: 1, high: 2 }));
      return { logits: [...logits], labels, alpha, temperature: this.checkTemperature(temperature) };
    }

    get challenge() {
      const { alpha } = this.state;
      const isMet = alpha < 2 && this.numbers.probabilities.filter((p) => p > 0).length === 1;
      return [this._("give all to one word, with α below 2."), isMet];
    }

    get numbers() {
      const { logits, alpha, temperature } = this.state;
      return { probabilities: entmax(logits, alpha, temperature), softmax: softmax(logits, temperature) };
    }

    build() {
      const { labels, logits, alpha, temperature } = this.state;
      this.parts = { tracks: labels.map(() => element("div", { class: "track", "aria-hidden": true },
        element("div", { class: "bar" }), element("div", { class: "softmax" }), element("span", { class: "number" }))) };
      this.parts.options = labels.map((label, i) => element("div", { class: "option" },
        element("span", { class: "label", title: label }, label), this.score(label, i, logits[i]), this.parts.tracks[i]));
      this.parts.summary = element("p", { class: "summary" });
      const [score, share] = [this._("Score"), this._("share")].map((word) => element("strong", {}, word));
      const heading = filled(this._("{score} on the slider, {share} below it"), { score, share });
      return [
        element("div", { class: "top" }, element("p", { class: "heading" }, ...heading)),
        ...this.parts.options,
        element("p", { class: "note" }, this._("Dashed: what softmax gives at the same T.")),
        this.shows("alpha", this.range({ name: this._("Alpha"), label: "α", low: 1, high: 2, value: alpha, places: 100,
          change: (a) => this.set("alpha", a),
          ends: ["softmax", "sparsemax"], toPlace: (a) => 100 * (a - 1), toValue: (place) => 1 + place / 100,
          format: (a) => String(Number(a.toPrecision(6))) })),
        this.shows("temperature", this.temperatureRange(temperature, (T) => this.set("temperature", T))),
        this.parts.summary,
      ];
    }

    score(label, i, value) {
      this.parts.scores ??= [];
      return this.parts.scores[i] = this.range({ name: this._("Score of {label}", { label }), low: -10, high: 10, value,
        places: 80, toPlace: (z) => Math.min(80, Math.max(0, 10 * z + 40)), toValue: (place) => (place - 40) / 10,
        format: (z) => Explorer.minus(Number.isInteger(z) ? fixed(z, 1) : String(Number(z.toFixed(4)))),
        change: (z) => {
          this.state.logits[i] = z + 0; // −0 is 0
          this.update();
        } });
    }

    draw() {
      const { labels, logits } = this.state;
      const { probabilities, softmax: dense } = this.numbers;
      const { options, tracks, summary } = this.parts;
      for (const [i, p] of probabilities.entries()) {
        this.parts.scores[i].show(logits[i]);
        const [bar, outline, number] = tracks[i].children;
        bar.style.setProperty("--share", p);
        outline.style.setProperty("--share", dense[i]);
        number.style.setProperty("--share", Math.max(p, dense[i]));
        number.textContent = share(p);
        options[i].classList.toggle("zero", p === 0);
      }
      const none = probabilities.flatMap((p, i) => (p === 0 ? [i] : []));
      const others = share(sum(none.map((i) => dense[i])));
      summary.textContent = none.length === 0
        ? this._("All {count} get something.", { count: labels.length })
        : this._("{none} of {count} get exactly 0. Softmax gives {others} of the whole to them.",
          { none: none.length, count: labels.length, others });
      this.say(labels.map((label, i) => `${label} ${share(probabilities[i])}`).join(", "));
    }
  }

  Explorer.define("sparse-explorer", SparseExplorer);
})();
