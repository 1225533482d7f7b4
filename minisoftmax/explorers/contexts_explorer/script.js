// One key leads n − 1 others by Δ: its share of the attention, and how it falls as the text gets longer.
(() => {
  "use strict";
  const { Explorer, softmax } = minisoftmax;
  const { element, filled, fixed, minus, probability, svg } = Explorer;

  const LONGEST = 1e6;
  const [WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM] = [360, 200, 34, 26, 350, 170];
  const across = (n) => LEFT + ((RIGHT - LEFT) * Math.log(n)) / Math.log(LONGEST);
  const up = (p) => BOTTOM - (BOTTOM - TOP) * p;
  const short = (x) => minus(String(Number(x.toPrecision(3))));

  // The others are alike, so that together they are one entry with the logarithm of their number.
  const share = (lead, n) => softmax([lead, Math.log(n - 1)])[0];

  class ContextsExplorer extends Explorer {
    static address = { lead: "lead", n: "length" };
    static style = `
      .whole { position: relative; height: 2.2rem; margin: 0.3rem 0; border: 1px solid var(--line); }
      .whole .bar { height: 100%; width: calc(100% * var(--share)); background: var(--blue); }
      .both { display: flex; justify-content: space-between; gap: 0.5rem; margin: 0; }
      .plot { display: block; width: 100%; max-width: 30rem; height: auto; margin-top: 0.6rem; font-size: 13px; fill: currentColor; }
      .plot path { fill: none; stroke: var(--accent); stroke-width: 2.5; }
      .plot line { stroke: var(--line); }
      .plot .half { stroke-dasharray: 4 4; }
      .plot circle { fill: var(--accent); stroke: currentColor; stroke-width: 1.5; }
      .summary { min-height: 2.8em; }
      @container (max-width: 30rem) { .plot { font-size: 14px; } }
      @container (max-width: 18rem) {
        .both { min-height: 2.8em; }
        .summary { min-height: 5.6em; }
      }`;

    // Between the thousands each language has a sign of its own.
    grouped(n) {
      return String(n).replace(/\B(?=(\d{3})+$)/g, this._(","));
    }

    read({ lead, length }) {
      Explorer.check(typeof lead === "number" && lead >= 0 && lead <= 20,
        this._("{name} must be a number from {low} to {high}", { name: "lead", low: 0, high: 20 }));
      Explorer.check(Number.isInteger(length) && length >= 2 && length <= LONGEST,
        this._("{name} must be a whole number from {low} to {high}", { name: "length", low: 2, high: this.grouped(LONGEST) }));
      return { lead, length };
    }

    get numbers() {
      const { lead, length } = this.state;
      return { share: share(lead, length), needed: Math.log(length - 1) };
    }

    get challenge() {
      const { length } = this.state;
      return [this._("give one of a million keys half of it all."), length === LONGEST && this.numbers.share >= 0.5];
    }

    build() {
      const { lead, length } = this.state;
      const label = (x, y, text, anchor) => {
        const made = svg("text", { x, y, "text-anchor": anchor });
        made.append(text);
        return made;
      };
      const plot = svg("svg", { class: "plot", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" });
      this.parts = { bar: element("div", { class: "bar" }), its: element("span", { class: "number" }),
        others: element("span", { class: "number" }), curve: svg("path"), point: svg("circle", { r: 6 }),
        summary: element("p", { class: "summary" }) };
      plot.append(
        svg("line", { x1: LEFT, x2: RIGHT, y1: BOTTOM, y2: BOTTOM }), svg("line", { x1: LEFT, x2: LEFT, y1: TOP, y2: BOTTOM }),
        svg("line", { class: "half", x1: LEFT, x2: RIGHT, y1: up(0.5), y2: up(0.5) }),
        label(LEFT - 6, up(1) + 5, "1", "end"), label(LEFT - 6, up(0.5) + 5, "½", "end"), label(LEFT - 6, BOTTOM + 2, "0", "end"),
        ...[10, 1000, 1e5].map((n) => label(across(n), BOTTOM + 18, this.grouped(n), "middle")),
        label(RIGHT, BOTTOM - 6, this._("keys"), "end"), label(LEFT - 14, 14, this._("share of the leader"), "start"),
        this.parts.curve, this.parts.point);
      return [
        element("div", { class: "whole", "aria-hidden": true }, this.parts.bar),
        element("p", { class: "both" }, this.parts.its, this.parts.others),
        element("div", { class: "controls" },
          this.shows("length", this.range({ name: this._("Keys"), label: this._("Keys n"), low: 2, high: LONGEST, value: length,
            places: 120, toPlace: (n) => (120 * Math.log(n / 2)) / Math.log(LONGEST / 2),
            toValue: (place) => this.round(2 * (LONGEST / 2) ** (place / 120)), format: String, spoken: (n) => this.grouped(n),
            change: (n) => this.set("length", Math.round(n)) })),
          this.shows("lead", this.range({ name: this._("Lead"), label: this._("Lead Δ"), low: 0, high: 20, value: lead,
            places: 200, toPlace: (x) => 10 * x, toValue: (place) => place / 10, format: (x) => String(Number(x.toPrecision(6))),
            change: (x) => this.set("lead", x) }))),
        plot, this.parts.summary,
      ];
    }

    // Two digits are enough for a slider, so that it stops at numbers that one can say.
    round(n) {
      return Math.min(LONGEST, Math.round(Number(n.toPrecision(2))));
    }

    draw() {
      const { lead, length } = this.state;
      const { share: p, needed } = this.numbers;
      const { bar, its, others, curve, point, summary } = this.parts;
      bar.style.setProperty("--share", p);
      its.replaceChildren(...filled(this._("the leader {share}"), { share: element("strong", {}, probability(p)) }));
      others.textContent = this._("all others {share}", { share: probability(1 - p) });
      const places = Array.from({ length: 81 }, (_, i) => 2 * (LONGEST / 2) ** (i / 80));
      curve.setAttribute("d", `M${places.map((n) => `${across(n).toFixed(1)} ${up(share(lead, n)).toFixed(1)}`).join("L")}`);
      point.setAttribute("cx", across(length));
      point.setAttribute("cy", up(p));
      summary.textContent = this._("It is {times} times as likely as any other key, of which there are {others}. " +
        "To have half of all, it would need a lead of {needed}.",
        { times: Explorer.exponential(lead), others: this.grouped(length - 1), needed: fixed(needed, 1) });
      const said = { share: probability(p), keys: this.grouped(length), lead: short(lead) };
      this.say(this._("Share {share} at {keys} keys and a lead of {lead}.", said));
    }
  }

  Explorer.define("contexts-explorer", ContextsExplorer);
})();
