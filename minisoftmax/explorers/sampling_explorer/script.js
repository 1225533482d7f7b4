// The candidates for the next word: what each filter leaves, and what then is drawn.
(() => {
  "use strict";
  const { Explorer } = minisoftmax;
  const { element, fixed, probability, range } = Explorer;

  class SamplingExplorer extends Explorer {
    static address = { T: "temperature", k: "top_k", p: "top_p", m: "min_p" };
    static style = `
      .prompt { min-height: 1.5em; font-size: 1.0625rem; }
      .prompt strong { border-bottom: 2px solid currentColor; }
      .candidates { display: grid; grid-template-columns: minmax(3rem, max-content) 1fr 4.75rem; gap: 0.2rem 0.5rem;
        align-items: center; margin-top: 0.5rem; }
      .candidates > * { min-width: 0; }
      .word { max-width: 8rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: end; }
      .out { opacity: 0.75; }
      .out.word { text-decoration: line-through; }
      .track { position: relative; height: 1.25rem; overflow: hidden; border-inline-start: 1px solid var(--line); }
      .track div { position: absolute; inset-block: 0; width: calc(100% * var(--share)); }
      .after { background: var(--blue); }
      .before { border: 1px solid currentColor; border-inline-start: 0; }
      .track .drawn { inset-block: auto 0; height: 0.4rem; background: var(--orange); outline: 1px solid #000; }
      .drawn:not(.some) { visibility: hidden; }
      .share { font-size: 0.8125rem; white-space: nowrap; }
      .key { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: 0.8125rem; }
      .key span::before { content: ""; display: inline-block; width: 1rem; height: 0.7rem; margin-inline-end: 0.35rem; }
      .key .a::before { border: 1px solid currentColor; }
      .key .b::before { background: var(--blue); }
      .key .c::before { height: 0.35rem; background: var(--orange); outline: 1px solid #000; vertical-align: 0.1rem; }
      .key span::before { forced-color-adjust: none; }
      .range { flex: 1 1 100%; }
      .summary { min-height: 2.8em; }
      @media (prefers-reduced-motion: no-preference) { .after, .before { transition: width 120ms; } }`;

    read({ logits, labels, prompt = "", temperature = 1, top_k: k = null, top_p: p = null, min_p: m = null }) {
      Explorer.checkNumbers(logits, "logits");
      Explorer.check(logits.length >= 2 && logits.length <= 20, "logits must be 2 to 20 numbers");
      Explorer.checkLabels(labels, logits.length);
      Explorer.check(typeof prompt === "string", "prompt must be a text");
      Explorer.check(k === null || (Number.isInteger(k) && k >= 1), "top_k must be a whole number >= 1");
      Explorer.check(p === null || (p > 0 && p <= 1), "top_p must be above 0 and at most 1");
      Explorer.check(m === null || (m >= 0 && m <= 1), "min_p must be from 0 to 1");
      return { logits, labels, prompt, temperature: Explorer.temperature(temperature),
        top_k: Math.min(k ?? logits.length, logits.length), top_p: p ?? 1, min_p: m ?? 0,
        counts: logits.map(() => 0), last: null, random: minisoftmax.random(1) };
    }

    get challenge() {
      const { logits, top_k: k, top_p: p, min_p: m } = this.state;
      const isMet = k === logits.length && p === 1 && m > 0 && this.numbers.after.filter((share) => share > 0).length === 2;
      return ["To try: leave just two words, by min-p alone.", isMet];
    }

    get numbers() {
      const { logits, temperature, top_k: k, top_p: p, min_p: m } = this.state;
      const filters = [{ topK: k }, { topK: k, topP: p }, { topK: k, topP: p, minP: m > 0 ? m : null }];
      const left = filters.map((filter) => minisoftmax.filtered(logits, { temperature, ...filter }));
      return { before: minisoftmax.softmax(logits, temperature), left, after: minisoftmax.softmax(left[2]) };
    }

    build() {
      const { logits, labels, temperature, top_k: k, top_p: p, min_p: m } = this.state;
      const set = (name) => (value) => {
        Object.assign(this.state, { [name]: value, counts: logits.map(() => 0), last: null });
        this.update();
      };
      const hundredths = { places: 100, toPlace: (x) => Math.round(100 * x), toValue: (place) => place / 100 };
      const off = (isOff) => (x) => (isOff(x) ? "off" : String(x));
      const all = logits.length;
      const whole = { places: all, toPlace: (x) => x, toValue: (place) => Math.max(1, place) };
      const controls = [
        this.shows("temperature", Explorer.temperatureRange(temperature, set("temperature"))),
        this.shows("top_k", range({ ...whole, name: "Top-k", low: 1, high: all, value: k, format: String,
          change: (x) => set("top_k")(Math.round(x)), spoken: off((x) => x === all) })),
        this.shows("top_p", range({ ...hundredths, name: "Top-p", low: 0.001, high: 1, value: p, format: String,
          change: set("top_p"), toValue: (place) => Math.max(1, place) / 100, spoken: off((x) => x === 1) })),
        this.shows("min_p", range({ ...hundredths, name: "Min-p", low: 0, high: 1, value: m, format: String,
          change: set("min_p"), spoken: off((x) => x === 0) })),
      ];
      const order = logits.map((_, i) => i).sort((a, b) => logits[b] - logits[a] || a - b);
      this.parts = { rows: [], prompt: element("p", { class: "prompt" }), summary: element("p", { class: "summary" }) };
      const list = element("div", { class: "candidates", role: "list", "aria-label": "Candidates" });
      for (const i of order) {
        const bar = (name) => element("div", { class: `bar ${name}` });
        const track = element("div", { class: "track", "aria-hidden": true }, bar("after"), bar("before"), bar("drawn"));
        const word = element("span", { class: "word", title: labels[i] }, labels[i]);
        const share = element("span", { class: "share number" });
        this.parts.rows[i] = { word, track, share };
        list.append(element("div", { role: "listitem", style: "display: contents" }, word, track, share));
      }
      const button = (text, onclick) => element("button", { type: "button", onclick }, text);
      const key = (name, text) => element("span", { class: name }, text);
      return [this.parts.prompt,
        element("div", { class: "controls" }, button("Draw one", () => this.drawOne()),
          button("Draw a thousand", () => this.drawMany(1000))), list,
        element("p", { class: "key", "aria-hidden": true }, key("a", "before the filters"), key("b", "after, renormalized"),
          key("c", "share of the draws")),
        this.parts.summary, element("div", { class: "controls" }, ...controls)];
    }

    drawOne() {
      this.count(1);
      this.update();
      this.say(`Drawn: ${this.state.labels[this.state.last]}.`);
    }

    // A few at each frame, so that one sees them come; all at once where motion is not wanted.
    drawMany(left) {
      const { counts } = this.state;
      const together = matchMedia("(prefers-reduced-motion: reduce)").matches ? left : 20;
      const next = () => {
        if (counts !== this.state?.counts || !this.isConnected) return;
        this.count(Math.min(together, left));
        left -= together;
        this.update();
        if (left > 0) requestAnimationFrame(next);
        else this.say(this.parts.summary.textContent);
      };
      next();
    }

    count(draws) {
      const { after } = this.numbers;
      for (let i = 0; i < draws; i++) {
        this.state.last = minisoftmax.draw(after, this.state.random());
        this.state.counts[this.state.last] += 1;
      }
    }

    draw() {
      const { labels, counts, last, prompt } = this.state;
      const { before, left, after } = this.numbers;
      const total = minisoftmax.sum(counts);
      const longest = 1.15 * Math.max(...after, ...before); // a share drawn may be longer: it ends at the border
      const names = ["top-k", "top-p", "min-p"];
      for (const [i, { word, track, share }] of this.parts.rows.entries()) {
        const cut = left.findIndex((logits) => logits[i] === -Infinity);
        const isOut = after[i] === 0;
        for (const part of [word, share]) part.classList.toggle("out", isOut);
        for (const [bar, p] of [[0, after[i]], [1, before[i]], [2, counts[i] / (total || 1)]]) {
          track.children[bar].style.setProperty("--share", Math.min(1, p / longest));
        }
        track.children[2].classList.toggle("some", counts[i] > 0);
        const reason = before[i] === 0 ? "0" : `cut: ${names[cut]}`;
        share.textContent = isOut ? reason : probability(after[i]) + (total ? ` ·${counts[i]}` : "");
      }
      const drawn = last === null ? "…" : element("strong", {}, labels[last]);
      this.parts.prompt.replaceChildren(`${prompt || "Next word:"} `, drawn);
      const kept = after.filter((p) => p > 0).length;
      const mass = minisoftmax.sum(before.filter((_, i) => after[i] > 0));
      const gap = Math.max(...after.map((p, i) => Math.abs(p - counts[i] / (total || 1))));
      const draws = total ? ` ${total} drawn; the largest gap between share and probability is ${fixed(gap, 3)}.` : "";
      this.parts.summary.textContent =
        `${kept} of ${labels.length} words kept, with ${fixed(mass, 3)} of the probability.${draws}`;
      this.say(this.parts.summary.textContent);
    }
  }

  Explorer.define("sampling-explorer", SamplingExplorer);
})();
