// A language model that writes: the text so far, the candidates for the next token, and draws from what is left of them.
(() => {
  "use strict";
  const { Explorer, candidates } = minisoftmax;
  const { element, fixed, probability } = Explorer;

  const SHOWN = 10;
  const SIZE = 16; // numbers to a vector
  const PLACES = 3; // tokens that the model looks at
  const ORDERS = ["heat, then cut", "cut, then heat"];

  const tokens = (text) => text.toLowerCase().match(/[a-z]+|[.,?]/g) ?? [];
  const joined = (words) => words.join(" ").replace(/ (?=[.,?])/g, "");

  // The numbers are stored once, in single precision; what is computed from them is in double precision.
  function unpack({ vocabulary, E, R, b }) {
    const floats = (text) => {
      const view = new DataView(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer);
      return Array.from({ length: view.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
    };
    return { vocabulary, E: floats(E), R: floats(R), b: floats(b), at: new Map(vocabulary.map((word, i) => [word, i])) };
  }

  // A vector for each of the last three tokens; their sum, times a matrix, plus a number for each token of the vocabulary.
  function logits({ vocabulary, E, R, b, at }, words) {
    const count = vocabulary.length;
    const hidden = Array.from({ length: SIZE }, (_, k) => minisoftmax.sum(words.slice(-PLACES).map((word, place) =>
      E[(place * count + at.get(word)) * SIZE + k])));
    return b.map((bias, i) => minisoftmax.sum(hidden.map((h, k) => h * R[k * count + i])) + bias);
  }

  class WriterExplorer extends Explorer {
    static address = { start: "start", T: "temperature", k: "top_k", p: "top_p", m: "min_p", order: "order", seed: "seed",
      drawn: "drawn" };
    static style = `${candidates.STYLE}
      .text { height: 7.4em; margin: 0.5rem 0; padding: 0.3rem 0.5rem; overflow-y: auto; border: 1px solid var(--faint);
        border-radius: 0.3rem; font-size: 1.0625rem; }
      .text strong { border-bottom: 2px solid currentColor; }
      .start { flex: 1 1 14rem; max-width: 100%; }
      .start input { flex: 1; min-width: 0; width: auto; text-align: start; }
      .candidates { grid-template-columns: 5.5rem 1fr 4.75rem; }
      .others { margin: 0.2rem 0; font-size: 0.8125rem; }`;

    read({ start, order = "heat, then cut", seed = 1, drawn = 0, ...rest }) {
      this.model ??= unpack(minisoftmax.languageModel);
      Explorer.check(typeof start === "string", this._("{name} must be a text", { name: "start" }));
      const first = tokens(start);
      const unknown = first.find((word) => !this.model.at.has(word));
      Explorer.check(unknown === undefined, this._("the model does not know “{word}”", { word: unknown }));
      Explorer.check(first.length >= PLACES, this._("{name} must have at least three tokens", { name: "start" }));
      Explorer.check(ORDERS.includes(order),
        this._("{name} must be one of {known}", { name: "order", known: ORDERS.join("; ") }));
      Explorer.check(Number.isInteger(seed) && seed >= 0 && seed <= 1e6,
        this._("{name} must be a whole number from {low} to {high}", { name: "seed", low: 0, high: 1e6 }));
      Explorer.check(Number.isInteger(drawn) && drawn >= 0 && drawn <= 1000,
        this._("{name} must be a whole number from {low} to {high}", { name: "drawn", low: 0, high: 1000 }));
      const cuts = candidates.read(this, rest, this.model.vocabulary.length);
      const state = { start, order, seed, ...cuts, words: first, first: first.length };
      for (let i = 0; i < drawn; i++) this.drawInto(state);
      return state;
    }

    get settings() {
      return { ...super.settings, drawn: this.state.words.length - this.state.first };
    }

    numbersOf(state) {
      const z = logits(this.model, state.words);
      return { logits: z, ...candidates.shares(z, state, state.order === "cut, then heat") };
    }

    get numbers() {
      return this.numbersOf(this.state);
    }

    get challenge() {
      const { temperature, words, first } = this.state;
      const drawn = words.slice(first);
      const end = drawn.slice(-6).join(" ");
      const loops = drawn.length >= 12 && drawn.slice(0, -6).join(" ").includes(end);
      return [this._("make it repeat itself, six tokens in a row."), loops && temperature >= 0];
    }

    // The n-th draw has the n-th number of the seed, so that a draw that was undone comes again.
    drawInto(state) {
      if (this.seed !== state.seed) Object.assign(this, { seed: state.seed, uniforms: [], next: minisoftmax.random(state.seed) });
      const n = state.words.length - state.first;
      while (this.uniforms.length <= n) this.uniforms.push(this.next());
      const { after } = this.numbersOf(state);
      const i = minisoftmax.draw(after, this.uniforms[n]);
      state.words.push(this.model.vocabulary[i]);
      return after[i];
    }

    build() {
      const { start, order, seed } = this.state;
      const seedName = this._("Seed");
      const set = (name) => (value) => {
        this.writing = null;
        this.set(name, value);
      };
      const { list, rows } = candidates.table(this, SHOWN);
      const button = (text, onclick) => element("button", { type: "button", onclick }, text);
      const own = element("input", { class: "field", autocomplete: "off", "aria-label": this._("Start"), value: start,
        onchange: () => this.begin(own),
        onkeydown: (event) => event.key === "Enter" && this.begin(own) });
      own.show = (text) => (own.value = text);
      const orders = element("select", { onchange: () => set("order")(orders.value) },
        ...[this._("heat, then cut"), this._("cut, then heat")].map((text, i) =>
          element("option", { value: ORDERS[i], selected: ORDERS[i] === order }, text)));
      orders.show = (name) => (orders.value = name);
      const text = { class: "text", tabindex: 0, role: "region", "aria-label": this._("Text so far") };
      this.parts = { rows, text: element("div", text),
        others: element("p", { class: "others number" }), undo: button(this._("Undo"), () => this.undo()) };
      return [
        element("div", { class: "controls" }, button(this._("Draw one"), () => this.drawOne()),
          button(this._("Write 30"), () => this.write(30)),
          this.parts.undo),
        this.parts.text, list, this.parts.others, candidates.key(this._("before the cuts"), this._("after, renormalized")),
        element("div", { class: "controls" }, ...candidates.controls(this, this.model.vocabulary.length, set),
          element("label", {}, this._("Order"), " ", this.shows("order", orders)),
          element("label", {}, seedName, " ", this.shows("seed", this.field({ name: seedName, low: 0, high: 1e6, value: seed,
            change: (x) => set("seed")(Math.round(x)) }))),
          element("label", { class: "start" }, this._("Start"), " ", this.shows("start", own)))];
    }

    begin(input) {
      this.writing = null;
      try {
        Object.assign(this.state, this.read({ ...this.settings, start: input.value, drawn: 0 }));
      } catch (error) {
        input.setAttribute("aria-invalid", true);
        const detail = this._("Start: {problem}.", { problem: error.message });
        input.dispatchEvent(new CustomEvent("typed", { bubbles: true, detail }));
        return;
      }
      input.setAttribute("aria-invalid", false);
      input.dispatchEvent(new CustomEvent("typed", { bubbles: true, detail: "" }));
      this.update();
    }

    drawOne() {
      this.writing = null;
      const p = this.drawInto(this.state);
      this.update();
      this.say(`${this.state.words.at(-1)}, ${probability(p)}.`);
    }

    // One at a time, so that one sees them come; all at once where motion is not wanted. Any other act ends it.
    write(count) {
      const writing = (this.writing = {});
      const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const from = this.state.words.length;
      const next = () => {
        if (writing !== this.writing || !this.isConnected) return;
        do this.drawInto(this.state);
        while (isStill && this.state.words.length < from + count);
        this.update();
        if (this.state.words.length < from + count) setTimeout(next, 70);
        else this.say(joined(this.state.words.slice(from)));
      };
      next();
    }

    undo() {
      this.writing = null;
      if (this.state.words.length <= this.state.first) return;
      const gone = this.state.words.pop();
      this.update();
      this.say(this._("Taken back: {word}.", { word: gone }));
    }

    draw() {
      const { words, first } = this.state;
      const { numbers, parts } = this;
      const { before, after } = numbers;
      const { vocabulary } = this.model;
      const order = before.map((_, i) => i).sort((a, b) => numbers.logits[b] - numbers.logits[a] || a - b).slice(0, SHOWN);
      const longest = 1.02 * Math.max(...after, ...before);
      for (const [row, i] of order.entries()) candidates.fill(this, parts.rows[row], vocabulary[i], i, numbers, longest);
      this.controls.get("top_p").pile(vocabulary, numbers.nucleus, this.state.top_p);
      const kept = after.filter((p) => p > 0).length;
      const rest = Math.max(0, 1 - minisoftmax.sum(order.map((i) => after[i])));
      parts.others.textContent = this._("{kept} of {count} tokens kept; those not shown have {rest}.",
        { kept, count: vocabulary.length, rest: fixed(rest, 3) });
      const last = words.length > first ? words.at(-1) : "";
      const text = joined(last ? words.slice(0, -1) : words);
      const gap = /^[.,?]$/.test(last) ? "" : " ";
      parts.text.replaceChildren(text, ...(last ? [gap, element("strong", {}, last)] : []), " …");
      parts.text.scrollTop = parts.text.scrollHeight;
      parts.undo.setAttribute("aria-disabled", words.length <= first);
      this.say(parts.others.textContent);
    }
  }

  Explorer.define("writer-explorer", WriterExplorer);
})();
