// Three rows of bars over one another: scores to drag, their exponentials, and the shares of those in the sum.
(() => {
  "use strict";
  const { Explorer } = minisoftmax;
  const { draggable, element, exponential, field, fixed, minus, probability } = Explorer;

  const score = (z) => (Number.isInteger(z) && Math.abs(z) < 10 ? fixed(z, 1) : minus(String(Number(z.toFixed(4)))));

  class SoftmaxExplorer extends Explorer {
    static style = `
      .row { display: grid; grid-template-columns: repeat(var(--count), minmax(0, 1fr)); gap: 0 0.25rem; }
      .panel { position: relative; border-bottom: 1px solid var(--line); }
      .scores { height: 11rem; border: 0; }
      .scores::before { content: ""; position: absolute; inset-inline: 0; bottom: var(--zero);
        border-bottom: 1px solid var(--line); }
      .column { position: relative; text-align: center; }
      .slider { position: absolute; inset-inline: 50% auto; width: min(100%, 6rem); translate: -50%;
        top: calc(var(--top) - 22px); bottom: calc(var(--bottom) - 22px); touch-action: none; cursor: ns-resize; }
      .scores .bar { position: absolute; inset: 22px 12%; background: var(--gray); }
      .handle { position: absolute; inset-inline: 0; top: 15px; height: 14px; border: 2px solid currentColor;
        border-radius: 7px; background: #fff; }
      .below .handle { top: auto; bottom: 15px; }
      .handle::after { content: ""; position: absolute; inset: 4px 35%; border-block: 1px solid #444; }
      .temperature { margin-block: 0.75rem 0; }
      .names span { display: block; overflow: hidden; text-overflow: ellipsis; font-weight: 600; white-space: nowrap; }
      .names .field { width: min(100%, 4rem); padding-inline: 0; }
      .exponentials { height: 5rem; } .probabilities { height: 7rem; }
      .rising { position: absolute; inset: auto 0 0; height: calc((100% - 1.4rem) * var(--share)); }
      .rising .bar { position: absolute; inset: auto 50% 0 auto; width: min(76%, 4.56rem); height: 100%; translate: 50%;
        background: var(--blue); }
      .exponentials .bar { background: var(--orange); outline: 1px solid color-mix(in srgb, #000 45%, var(--orange));
        outline-offset: -1px; }
      .rising .number { position: absolute; inset: auto -0.25rem 100%; font-size: 0.8125rem; }
      .odds { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.5rem; }
      .note { font-size: 0.875rem; }
      @media (prefers-reduced-motion: no-preference) { .rising { transition: height 120ms; } }
      @container (max-width: 28rem) {
        .rising .number { font-size: 0.75rem; }
        .many .digits { display: none; }
        .many .names * { font-size: 0.75rem; }
      }`;

    get caption() {
      return "Softmax, to try: drag the scores";
    }

    read({ logits, labels, temperature = 1 }) {
      Explorer.checkNumbers(logits, "logits");
      Explorer.check(logits.length >= 2 && logits.length <= 8, "logits must be 2 to 8 numbers");
      Explorer.checkLabels(labels, logits.length);
      this.start = logits;
      return { logits: [...logits], labels, temperature: Explorer.temperature(temperature), pair: [0, 1] };
    }

    get numbers() {
      const { logits, temperature, pair: [a, b] } = this.state;
      return {
        probabilities: minisoftmax.softmax(logits, temperature),
        entropy: minisoftmax.entropy(logits, temperature),
        logOdds: logits[a] === logits[b] ? 0 : (logits[a] - logits[b]) / temperature,
      };
    }

    build() {
      const { logits, labels, temperature } = this.state;
      const columns = (make) => labels.map((label, i) => element("div", { class: "column" }, make(label, i)));
      const row = (name, ...children) => element("div", { class: `row ${name}` }, ...children);
      this.parts = { sliders: labels.map((label, i) => this.slider(label, i)) };
      this.parts.fields = labels.map((label, i) =>
        field({ name: `Score of ${label}, as a number`, low: -1000, high: 1000, value: logits[i],
          format: score, change: (z) => this.set(i, z) }));
      const names = columns((label, i) => element("span", { title: label }, label));
      names.forEach((column, i) => column.append(this.parts.fields[i]));
      const rising = () => element("div", { class: "rising", "aria-hidden": true },
        element("div", { class: "bar" }), element("span", { class: "number" }));
      this.parts.exponentials = labels.map(rising);
      this.parts.probabilities = labels.map(rising);
      this.parts.scores = row("panel scores", ...columns((_, i) => this.parts.sliders[i]));
      this.parts.temperature = Explorer.temperatureRange(temperature, (T) => {
        this.state.temperature = T;
        this.update();
      });
      this.parts.heading = element("p", { class: "heading" });
      this.parts.summary = element("p", {});
      const heading = (name, ...rest) => element("p", { class: "heading" }, element("strong", {}, name), ...rest);
      return [element("div", { style: `--count: ${labels.length}`, class: labels.length > 4 ? "many" : "few" },
        element("div", { class: "top" }, heading("Score", " z: drag the bars"), this.resetButton()),
        this.parts.scores, row("names", ...names),
        element("div", { class: "temperature" }, this.parts.temperature),
        this.parts.heading, row("panel exponentials", ...columns((_, i) => this.parts.exponentials[i])),
        heading("Probability", " p: its share of the sum"),
        row("panel probabilities", ...columns((_, i) => this.parts.probabilities[i])),
        this.odds(), this.parts.summary)];
    }

    slider(label, i) {
      const slider = element("div", { class: "slider", role: "slider", tabindex: 0, "aria-orientation": "vertical",
        "aria-label": `Score of ${label}` }, element("div", { class: "bar" }), element("div", { class: "handle" }));
      const step = (by) => () => this.drag(i, this.state.logits[i] + by);
      const start = () => {
        const from = this.state.logits[i];
        const { low, high } = this.limits;
        const perPixel = (high - low) / this.parts.scores.clientHeight;
        return (_, y) => this.drag(i, from - y * perPixel);
      };
      draggable(slider, start, {
        ArrowUp: step(0.1), ArrowRight: step(0.1), ArrowDown: step(-0.1), ArrowLeft: step(-0.1),
        PageUp: step(1), PageDown: step(-1),
        Home: () => this.drag(i, this.limits.low), End: () => this.drag(i, this.limits.high),
      });
      return slider;
    }

    odds() {
      const select = (which) => {
        const options = this.state.labels.map((label, i) =>
          element("option", { value: i, selected: i === this.state.pair[which] }, label));
        return element("select", { "aria-label": which ? "Second of the odds" : "First of the odds",
          onchange: (event) => {
            this.state.pair[which] = Number(event.target.value);
            this.update();
          } }, ...options);
      };
      this.parts.odds = element("span", { class: "number" });
      return element("p", { class: "odds" }, "Odds of", select(0), "to", select(1), this.parts.odds);
    }

    // Scores are drawn from `low` to `high`; a typed one may lie outside, and makes room for itself.
    get limits() {
      const all = [...this.start, ...this.state.logits];
      return { low: Math.min(-3, Math.floor(Math.min(...all))), high: Math.max(5, Math.ceil(Math.max(...all))) };
    }

    drag(i, z) {
      const { low, high } = this.limits;
      this.set(i, Math.min(high, Math.max(low, Math.round(z * 10) / 10)));
    }

    set(i, z) {
      this.state.logits[i] = z + 0; // −0 is 0
      this.update();
    }

    update() {
      const { labels, logits, temperature: T, pair: [a, b] } = this.state;
      const { probabilities, entropy, logOdds } = this.numbers;
      const { sliders, fields, odds, summary, heading } = this.parts;
      const { low, high } = this.limits;
      const percent = (z) => `${(100 * z) / (high - low)}%`;
      this.parts.scores.style.setProperty("--zero", percent(-low));
      const distances = minisoftmax.distances(logits, T);
      const isLimit = T === 0;
      for (const [i, z] of logits.entries()) {
        sliders[i].style.setProperty("--top", percent(high - Math.max(z, 0)));
        sliders[i].style.setProperty("--bottom", percent(Math.min(z, 0) - low));
        sliders[i].classList.toggle("below", z < 0);
        const heard = { valuemin: low, valuemax: high, valuenow: z,
          valuetext: `${score(z)}, probability ${probability(probabilities[i])}` };
        for (const [name, value] of Object.entries(heard)) sliders[i].setAttribute(`aria-${name}`, value);
        fields[i].show(z);
        this.rise(this.parts.exponentials[i], Math.exp(distances[i]),
          isLimit ? (distances[i] === 0 ? "largest" : "—") : exponential(z / T));
        this.rise(this.parts.probabilities[i], probabilities[i], probability(probabilities[i]));
      }
      heading.replaceChildren(element("strong", {}, "Exponential"), " e", element("sup", {}, T === 1 ? "z" : "z/T"),
        isLimit ? " in the limit: next to the largest, the others vanish" : "");
      const lead = score(Number((logits[a] - logits[b]).toFixed(4)));
      odds.replaceChildren(`= ${exponential(logOdds)} : 1`,
        element("span", { class: "note" }, ` (a lead of ${lead}${T === 1 ? "" : ", divided by T"})`));
      summary.replaceChildren(`Entropy H = ${fixed(entropy, 3)} nats. e`, element("sup", {}, "H"),
        ` = ${fixed(Math.exp(entropy))}: as undecided as an even choice among ${fixed(Math.exp(entropy))} options.`);
      this.say(labels.map((label, i) => `${label} ${probability(probabilities[i])}`).join(", "));
    }

    rise(part, share, text) {
      part.style.setProperty("--share", share);
      const [digits, power] = text.split(/(?<=×)/);
      part.lastChild.replaceChildren(power ? element("span", { class: "digits" }, digits) : digits, power ?? "");
    }
  }

  Explorer.define("softmax-explorer", SoftmaxExplorer);
})();
