// The candidates for the next word: what each filter leaves, and what then is drawn.
(() => {
  "use strict";
  const { Explorer, candidates } = minisoftmax;
  const { element, fixed } = Explorer;

  class SamplingExplorer extends Explorer {
    static address = { T: "temperature", k: "top_k", p: "top_p", m: "min_p" };
    static style = `${candidates.STYLE}
      .prompt { min-height: 1.5em; font-size: 1.0625rem; }
      .prompt strong { border-bottom: 2px solid currentColor; }
      .summary { min-height: 2.8em; }`;

    read({ logits, labels, prompt = "", ...rest }) {
      Explorer.checkNumbers(logits, "logits");
      Explorer.check(logits.length >= 2 && logits.length <= 20, "logits must be 2 to 20 numbers");
      Explorer.checkLabels(labels, logits.length);
      Explorer.check(typeof prompt === "string", "prompt must be a text");
      return { logits, labels, prompt, ...candidates.read(rest, logits.length),
        counts: logits.map(() => 0), last: null, random: minisoftmax.random(1) };
    }

    get challenge() {
      const { logits, top_k: k, top_p: p, min_p: m } = this.state;
      const isMet = k === logits.length && p === 1 && m > 0 && this.numbers.after.filter((share) => share > 0).length === 2;
      return ["To try: leave just two words, by min-p alone.", isMet];
    }

    get numbers() {
      return candidates.shares(this.state.logits, this.state);
    }

    build() {
      const { logits } = this.state;
      const set = (name) => (value) => {
        Object.assign(this.state, { [name]: value, counts: logits.map(() => 0), last: null });
        this.update();
      };
      this.order = logits.map((_, i) => i).sort((a, b) => logits[b] - logits[a] || a - b);
      const { list, rows } = candidates.table(logits.length);
      this.parts = { rows, prompt: element("p", { class: "prompt" }), summary: element("p", { class: "summary" }) };
      const button = (text, onclick) => element("button", { type: "button", onclick }, text);
      return [this.parts.prompt,
        element("div", { class: "controls" }, button("Draw one", () => this.drawOne()),
          button("Draw a thousand", () => this.drawMany(1000))),
        list, candidates.key("before the filters", "after, renormalized", "share of the draws"), this.parts.summary,
        element("div", { class: "controls" }, ...candidates.controls(this, logits.length, set))];
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
      const { numbers, parts } = this;
      const { before, after } = numbers;
      const total = minisoftmax.sum(counts);
      const longest = 1.15 * Math.max(...after, ...before); // a share drawn may be longer: it ends at the border
      for (const [row, i] of this.order.entries()) {
        const drawn = { drawn: counts[i] / (total || 1), note: total ? ` ·${counts[i]}` : "" };
        candidates.fill(parts.rows[row], labels[i], i, numbers, longest, drawn);
      }
      parts.prompt.replaceChildren(`${prompt || "Next word:"} `, last === null ? "…" : element("strong", {}, labels[last]));
      const kept = after.filter((p) => p > 0).length;
      const mass = minisoftmax.sum(before.filter((_, i) => after[i] > 0));
      const gap = Math.max(...after.map((p, i) => Math.abs(p - counts[i] / (total || 1))));
      const draws = total ? ` ${total} drawn; the largest gap between share and probability is ${fixed(gap, 3)}.` : "";
      parts.summary.textContent = `${kept} of ${labels.length} words kept, with ${fixed(mass, 3)} of the probability.${draws}`;
      this.say(parts.summary.textContent);
    }
  }

  Explorer.define("sampling-explorer", SamplingExplorer);
})();
