// A row for each option: its score, to drag, the exponential of it, and the share of that in the sum.
(() => {
  "use strict";
  const { Explorer } = minisoftmax;
  const { draggable, element, exponential, filled, fixed, minus, probability } = Explorer;

  const score = (z) => (Number.isInteger(z) && Math.abs(z) < 10 ? fixed(z, 1) : minus(String(Number(z.toFixed(4)))));
  const power = (exponent) => element("span", {}, element("i", {}, "e"), element("sup", {}, exponent));

  class SoftmaxExplorer extends Explorer {
    static address = { z: "logits", T: "temperature" };
    static style = `
      .rows { --room: 3.2rem; display: grid; grid-template-columns: minmax(2.5rem, max-content) 1.35fr 1fr 1fr;
        gap: 0.1rem 0.9rem; align-items: center; }
      .rows > * { min-width: 0; }
      .head { font-size: 0.8125rem; }
      .prompt { margin: 0 0 0.3rem; font-size: 1.0625rem; }
      .prompt strong { border-bottom: 2px solid currentColor; }
      .how, i { font-family: var(--pst-font-family-heading, Charter, Cambria, Georgia, serif); }
      .word { max-width: 7rem; overflow: hidden; font-weight: 600; text-align: end; text-overflow: ellipsis; white-space: nowrap; }
      .slider { position: relative; height: 2.1rem; touch-action: pan-y; cursor: ew-resize; }
      .slider::before { content: ""; position: absolute; left: var(--zero); inset-block: 0; border-left: 1px solid var(--line); }
      .slider .bar { position: absolute; top: 0.55rem; left: min(var(--zero), var(--place)); height: 1rem;
        width: max(var(--zero) - var(--place), var(--place) - var(--zero)); background: var(--gray); }
      .handle { position: absolute; left: clamp(1.3rem, var(--place), 100% - 1.3rem); top: 0.3rem; width: 2.6rem;
        height: 1.5rem; margin-left: -1.3rem; border: 2px solid currentColor; border-radius: 0.5rem; color: #222;
        background: #fff; font-size: 0.8125rem; line-height: 1.25rem; text-align: center; white-space: nowrap; overflow: hidden; }
      .rising { position: relative; height: 1.1rem; white-space: nowrap; }
      .rising .bar { height: 100%; min-width: 1px; width: calc((100% - var(--room)) * var(--share)); background: var(--blue); }
      .e .bar { background: var(--orange); outline: 1px solid color-mix(in srgb, #000 45%, var(--orange)); outline-offset: -1px; }
      .rising .number { position: absolute; left: calc((100% - var(--room)) * var(--share)); top: -0.05rem;
        padding-left: 0.3rem; font-size: 0.8125rem; }
      .sum { padding-top: 0.2rem; border-top: 1px solid var(--faint); font-size: 0.8125rem;
        white-space: nowrap; }
      .how { display: flex; flex-wrap: wrap; align-items: center; gap: 0 0.4rem; min-height: 3.1rem; margin: 0.2rem 0 0; }
      .over { display: inline-grid; text-align: center; line-height: 1.35; }
      .over > * { padding: 0 0.3rem; }
      .over > :first-child { border-bottom: 1px solid; }
      .controls { margin: 0.1rem 0 0.3rem; }
      .controls .range .name { min-width: 0; }
      .all { display: flex; gap: 0.5rem; }
      .fields, .odds { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.8rem; }
      .note { font-size: 0.875rem; }
      @media (prefers-reduced-motion: no-preference) { .rising .bar { transition: width 120ms; } }
      @container (max-width: 30rem) {
        .rows { --room: 2.9rem; grid-template-columns: minmax(2rem, max-content) 1.25fr 0.9fr 0.9fr; gap: 0 0.45rem; }
        .word { max-width: 3.5rem; font-size: 0.8125rem; }
        .slider { height: 1.9rem; }
        .rising .number { padding-left: 0.2rem; font-size: 0.75rem; }
        .how { font-size: 0.875rem; }
        .sum { font-size: 0.75rem; }
        .second { display: none; }
        .ends:has(span) { margin-bottom: 0; }
        .ends span { display: none; }
      }`;

    read({ logits, labels, temperature = 1, prompt = "" }) {
      this.checkNumbers(logits, "logits");
      Explorer.check(logits.length >= 2 && logits.length <= 8,
        this._("{name} must be {low} to {high} numbers", { name: "logits", low: 2, high: 8 }));
      this.checkLabels(labels, logits.length);
      Explorer.check(typeof prompt === "string", this._("{name} must be a text", { name: "prompt" }));
      return { logits: [...logits], labels, prompt, temperature: this.checkTemperature(temperature), pair: [0, 1], chosen: 0 };
    }

    get numbers() {
      const { logits, temperature, pair: [a, b] } = this.state;
      return {
        probabilities: minisoftmax.softmax(logits, temperature),
        entropy: minisoftmax.entropy(logits, temperature),
        logOdds: logits[a] === logits[b] ? 0 : (logits[a] - logits[b]) / temperature,
      };
    }

    get challenge() {
      const { logits, labels } = this.state;
      const others = logits.slice(0, -1);
      return [this._("make {label} the likeliest.", { label: labels.at(-1) }), logits.at(-1) > Math.max(...others)];
    }

    build() {
      const { logits, labels, temperature } = this.state;
      const names = labels.map((label) => this._("Score of {label}", { label }));
      this.low = -3;
      this.high = 5;
      const rising = (name) => element("div", { class: `rising ${name}`, "aria-hidden": true },
        element("div", { class: "bar" }), element("span", { class: "number" }));
      const head = (...parts) => element("span", { class: "head", "aria-hidden": true }, ...parts);
      this.parts = {
        sliders: names.map((name, i) => this.slider(name, i)),
        exponentials: labels.map(() => rising("e")), probabilities: labels.map(() => rising("p")),
        exponential: head(), total: element("span", { class: "sum number" }),
        how: element("p", { class: "how number" }), summary: element("p", { class: "note" }),
        fields: names.map((name, i) => this.field({ name: this._("{name}, as a number", { name }), low: -1000, high: 1000,
          value: logits[i], format: score, change: (z) => this.move(i, z) })),
      };
      const { parts } = this;
      const change = (by) => () => this.set("logits", this.state.logits.map((z) => Number(by(z).toFixed(6))));
      const all = (text, by) => element("button", { type: "button", onclick: change(by) }, text);
      const fits = (z) => Math.max(-1000, Math.min(1000, z));
      parts.winner = element("strong", {});
      const { prompt } = this.state;
      const scoreHead = filled(this._("score {z}: drag"), { z: element("i", {}, "z") });
      const probabilityHead = filled(this._("probability {p}"), { p: element("i", {}, "p") });
      return [
        ...(prompt ? [element("p", { class: "prompt" }, `${prompt} `, parts.winner)] : []),
        element("div", { class: "rows" }, head(), head(...scoreHead), parts.exponential,
          head(...probabilityHead),
          ...labels.flatMap((label, i) => [element("span", { class: "word", title: label }, label), parts.sliders[i],
            parts.exponentials[i], parts.probabilities[i]]),
          element("span", {}), element("span", { class: "sum" }, "\u00a0"), parts.total,
          element("span", { class: "sum" }, this._("sum {sum}", { sum: 1 }))),
        parts.how,
        element("div", { class: "controls" },
          this.shows("temperature", this.temperatureRange(temperature, (T) => this.set("temperature", T))),
          element("div", { class: "all" }, all(this._("all + 1"), (z) => fits(z + 1)),
            all(this._("all × 2"), (z) => fits(2 * z)))),
        element("details", {}, element("summary", {}, this._("Numbers to type, odds, entropy")),
          element("p", { class: "fields" }, ...labels.map((label, i) => element("label", {}, label, parts.fields[i]))),
          this.odds(), parts.summary),
      ];
    }

    slider(name, i) {
      const handle = element("div", { class: "handle number" });
      const slider = element("div", { class: "slider", role: "slider", tabindex: 0, "aria-label": name },
        element("div", { class: "bar" }), handle);
      const step = (by) => () => this.drag(i, this.state.logits[i] + by);
      const start = () => {
        const from = this.state.logits[i];
        const perPixel = (this.high - this.low) / slider.clientWidth;
        this.set("chosen", i);
        return (x) => this.drag(i, from + x * perPixel);
      };
      draggable(slider, start, {
        ArrowUp: step(0.1), ArrowRight: step(0.1), ArrowDown: step(-0.1), ArrowLeft: step(-0.1),
        PageUp: step(1), PageDown: step(-1), Home: () => this.drag(i, this.low), End: () => this.drag(i, this.high),
      });
      return slider;
    }

    odds() {
      const names = [this._("First of the odds"), this._("Second of the odds")];
      const select = (which) => element("select", { "aria-label": names[which],
        onchange: (event) => {
          this.state.pair[which] = Number(event.target.value);
          this.update();
        } }, ...this.state.labels.map((label, i) =>
        element("option", { value: i, selected: i === this.state.pair[which] }, label)));
      this.parts.odds = element("span", { class: "number" });
      const sentence = this._("Odds of {first} to {second}");
      return element("p", { class: "odds" }, ...filled(sentence, { first: select(0), second: select(1) }), this.parts.odds);
    }

    drag(i, z) {
      this.move(i, Math.min(this.high, Math.max(this.low, Math.round(z * 10) / 10)));
    }

    move(i, z) {
      this.state.chosen = i;
      this.state.logits[i] = z + 0; // −0 is 0
      this.update();
    }

    draw() {
      const { labels, logits, temperature: T, pair: [a, b], chosen } = this.state;
      const { probabilities, entropy, logOdds } = this.numbers;
      const { parts } = this;
      this.low = Math.min(this.low, Math.floor(Math.min(...logits))); // a score outside makes room for itself
      this.high = Math.max(this.high, Math.ceil(Math.max(...logits)));
      const { low, high } = this;
      const place = (z) => `${(100 * (z - low)) / (high - low)}%`;
      const distances = minisoftmax.distances(logits, T);
      const written = (i) => (T > 0 ? exponential(logits[i] / T) : distances[i] === 0 ? this._("largest") : "—");
      for (const [i, z] of logits.entries()) {
        const slider = parts.sliders[i];
        slider.style.setProperty("--zero", place(0));
        slider.style.setProperty("--place", place(z));
        slider.lastChild.textContent = score(z);
        const heard = { valuemin: low, valuemax: high, valuenow: z,
          valuetext: this._("{score}, probability {p}", { score: score(z), p: probability(probabilities[i]) }) };
        for (const [name, value] of Object.entries(heard)) slider.setAttribute(`aria-${name}`, value);
        parts.fields[i].show(z);
        this.rise(parts.exponentials[i], Math.exp(distances[i]), written(i));
        this.rise(parts.probabilities[i], probabilities[i], probability(probabilities[i]));
      }
      const over = (z) => (T === 1 ? score(z) : T === 0 ? "z/T" : `${score(z)}/${T === Infinity ? "∞" : Number(T.toPrecision(3))}`);
      parts.winner.textContent = labels[probabilities.indexOf(Math.max(...probabilities))];
      parts.exponential.replaceChildren(power(T === 1 ? "z" : "z/T"));
      const sum = T > 0 ? exponential(minisoftmax.logsumexp(logits.map((z) => z / T))) : "—";
      parts.total.textContent = this._("sum {sum}", { sum });
      const fraction = (top, bottom) => element("span", { class: "over" }, top, bottom);
      const terms = [power(over(logits[0])), element("span", { class: "second" }, " + ", power(over(logits[1]))), " + …"];
      parts.how.replaceChildren(
        element("span", {}, element("i", {}, "p"), `(${labels[chosen].slice(0, 20)}) =`),
        ...(T > 0 ? [
          fraction(power(over(logits[chosen])), element("span", {}, ...terms.slice(0, logits.length > 2 ? 3 : 2))), "=",
          fraction(element("span", {}, written(chosen)), element("span", {}, sum)), "="] : [this._("in the limit")]),
        element("strong", {}, probability(probabilities[chosen])));
      const lead = score(Number((logits[a] - logits[b]).toFixed(4)));
      parts.odds.replaceChildren(`= ${exponential(logOdds)} : 1`,
        element("span", { class: "note" }, " ",
        T === 1 ? this._("(a lead of {lead})", { lead }) : this._("(a lead of {lead}, divided by T)", { lead })));
      const entropies = { entropy: fixed(entropy, 3), options: fixed(Math.exp(entropy)), H: element("sup", {}, "H") };
      const sentence = this._(
        "Entropy H = {entropy} nats. e{H} = {options}: as undecided as an even choice among {options} options.");
      parts.summary.replaceChildren(...filled(sentence, entropies));
      this.say(labels.map((label, i) => `${label} ${probability(probabilities[i])}`).join(", "));
    }

    rise(part, share, text) {
      part.style.setProperty("--share", share);
      part.lastChild.textContent = text;
    }
  }

  Explorer.define("softmax-explorer", SoftmaxExplorer);
})();
