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
      this.checkNumbers(logits, "logits");
      Explorer.check(logits.length >= 2 && logits.length <= 20,
        this._("{name} must be {low} to {high} numbers", { name: "logits", low: 2, high: 20 }));
      this.checkLabels(labels, logits.length);
      Explorer.check(typeof prompt === "string", this._("{name} must be a text", { name: "prompt" }));
      return { logits, labels, prompt, ...candidates.read(this, rest, logits.length),
        counts: logits.map(() => 0), last: null, random: minisoftmax.random(1) };
    }

    get challenge() {
      const { logits, top_k: k, top_p: p, min_p: m } = this.state;
      const isMet = k === logits.length && p === 1 && m > 0 && this.numbers.after.filter((share) => share > 0).length === 2;
      return [this._("leave just two words, by min-p alone."), isMet];
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
      const { list, rows } = candidates.table(this, logits.length);
      this.parts = { rows, prompt: element("p", { class: "prompt" }), summary: element("p", { class: "summary" }) };
      const button = (text, onclick) => element("button", { type: "button", onclick }, text);
      return [this.parts.prompt,
        element("div", { class: "controls" }, button(this._("Draw one"), () => this.drawOne()),
          button(this._("Draw a thousand"), () => this.drawMany(1000))),
        list, candidates.key(this._("before the filters"), this._("after, renormalized"), this._("share of the draws")),
        this.parts.summary,
        element("div", { class: "controls" }, ...candidates.controls(this, logits.length, set))];
    }

    drawOne() {
      this.count(1);
      this.update();
      this.say(this._("Drawn: {label}.", { label: this.state.labels[this.state.last] }));
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
        candidates.fill(this, parts.rows[row], labels[i], i, numbers, longest, drawn);
      }
      this.controls.get("top_p").pile(labels, numbers.nucleus, this.state.top_p);
      parts.prompt.replaceChildren(prompt || this._("Next word:"), " ", last === null ? "…" : element("strong", {}, labels[last]));
      const kept = after.filter((p) => p > 0).length;
      const mass = minisoftmax.sum(before.filter((_, i) => after[i] > 0));
      const gap = Math.max(...after.map((p, i) => Math.abs(p - counts[i] / (total || 1))));
      const said = [this._("{kept} of {count} words kept, with {mass} of the probability.",
        { kept, count: labels.length, mass: fixed(mass, 3) })];
      const drawn = { total, gap: fixed(gap, 3) };
      if (total) said.push(this._("{total} drawn; the largest gap between share and probability is {gap}.", drawn));
      parts.summary.textContent = said.join(" ");
      this.say(parts.summary.textContent);
    }
  }

  Explorer.define("sampling-explorer", SamplingExplorer);
})();
