// A sentence: the word at the pointer looks at the words under the arcs; beside it, the row of its softmax.
(() => {
  "use strict";
  const { Explorer } = minisoftmax;
  const { element, filled, fixed, probability, svg } = Explorer;

  class AttentionExplorer extends Explorer {
    static address = { word: "word", head: "head", scale: "scale", causal: "causal" };
    static style = `
      .sentence { position: relative; display: flex; flex-wrap: wrap; justify-content: center; gap: 2.6rem 0.2rem;
        padding-top: 3rem; }
      .sentence svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; pointer-events: none; }
      .token { position: relative; padding: 0.2rem 0.4rem 0.75rem; border-color: transparent; }
      .token[aria-pressed=true] { color: inherit; background: var(--faint); border-color: currentColor; font-weight: 600; }
      .token .bar { position: absolute; inset: auto 0.3rem 0.15rem; height: calc(0.55rem * var(--share));
        background: var(--blue); }
      path { fill: none; stroke: var(--blue); stroke-linecap: round; }
      .keys { display: grid; grid-template-columns: minmax(3rem, max-content) 4.5rem 1fr 3.5rem; gap: 0.15rem 0.6rem;
        align-items: center; margin-top: 0.5rem; }
      .keys > * > * { min-width: 0; }
      .keys span:first-child { max-width: 8rem; overflow: hidden; text-overflow: ellipsis; text-align: end; }
      .track { height: 1.1rem; border-inline-start: 1px solid var(--line); }
      .track .bar { height: 100%; width: calc(100% * var(--share)); background: var(--blue); }
      .score { text-align: end; }
      .masked { opacity: 0.75; }
      .small { font-size: 0.8125rem; }
      input[type=checkbox] { width: 1.2rem; height: 1.2rem; accent-color: var(--blue); }
      @media (prefers-reduced-motion: no-preference) { .track .bar { transition: width 120ms; } }`;

    read({ tokens, query, key, heads, causal = false, scale = null, word = -1, head = 0 }) {
      const count = tokens?.length;
      Explorer.check(count >= 2 && count <= 16,
        this._("{name} must be {low} to {high} texts", { name: "tokens", low: 2, high: 16 }));
      this.checkLabels(tokens, count, "tokens");
      for (const [name, given] of Object.entries({ query, key })) {
        const size = query?.[0]?.[0]?.length;
        const fits = Array.isArray(given) && given.length === query.length && size > 0 && given.every((head) =>
          Array.isArray(head) && head.length === count && head.every((row) => Array.isArray(row) && row.length === size));
        Explorer.check(fits, this._("{name} must be heads of {count} rows of equal length", { name, count }));
        this.checkNumbers(given.flat(2), name);
      }
      this.checkLabels(heads, query.length, "heads");
      Explorer.check(typeof causal === "boolean", this._("{name} must be true or false", { name: "causal" }));
      Explorer.check(scale === null || (Number.isFinite(scale) && scale >= 0),
        this._("{name} must be a number >= 0", { name: "scale" }));
      Explorer.check(Number.isInteger(word) && word >= -count && word < count,
        this._("{name} must be the number of a token", { name: "word" }));
      Explorer.check(Number.isInteger(head) && head >= 0 && head < heads.length,
        this._("{name} must be the number of a head", { name: "head" }));
      const usual = 1 / Math.sqrt(query[0][0].length);
      return { tokens, query, key, heads, causal, head, word: (word + count) % count, scale: scale ?? usual };
    }

    get challenge() {
      const { word } = this.state;
      const isMet = this.numbers.weights[word].some((weight, i) => weight >= 0.9 && i !== word);
      return [this._("let a word give 0.9 to another one."), isMet];
    }

    get numbers() {
      const { query, key, head, causal, scale } = this.state;
      return { weights: minisoftmax.attention(query[head], key[head], { scale, causal }) };
    }

    build() {
      const { tokens, query, heads, causal, scale } = this.state;
      const set = (name, value) => this.set(name, value);
      const d = query[0][0].length;
      const usual = 1 / Math.sqrt(d);
      this.parts = {
        tokens: tokens.map((token, i) => element("button", { type: "button", class: "token", onfocus: () => set("word", i),
          onpointerenter: () => set("word", i), onclick: () => set("word", i) }, token,
          element("span", { class: "bar", "aria-hidden": true }))),
        arcs: svg("svg", { "aria-hidden": true }),
        heads: heads.map((head, i) => element("button", { type: "button", onclick: () => set("head", i) }, head)),
        asking: element("p", { class: "heading" }), note: element("p", { class: "small" }),
        rows: tokens.map((token) => element("div", { role: "listitem", style: "display: contents" },
          element("span", { title: token }, token), element("span", { class: "score number small" }),
          element("div", { class: "track", "aria-hidden": true }, element("div", { class: "bar" })),
          element("span", { class: "number small" }))),
      };
      const { parts } = this;
      const sentence = { class: "sentence", role: "group", "aria-label": this._("Words") };
      parts.sentence = element("div", sentence, parts.arcs, ...parts.tokens);
      this.watch?.disconnect();
      this.watch = new ResizeObserver(() => this.state && this.drawArcs());
      this.watch.observe(parts.sentence);
      const most = Math.max(2, 2 * scale);
      const check = element("input", { type: "checkbox", onchange: (event) => set("causal", event.target.checked) });
      check.checked = causal;
      this.shows("causal", { show: (isOn) => (check.checked = isOn) });
      const chooser = element("div", { class: "controls", role: "group", "aria-label": this._("Head") }, ...parts.heads);
      return [element("p", { class: "heading" }, this._("Point at a word, or tap it")), parts.sentence, parts.asking,
        element("div", { class: "keys", role: "list" }, ...parts.rows), parts.note,
        ...(heads.length > 1 ? [chooser] : []),
        element("div", { class: "controls" },
          this.shows("scale", this.range({ name: this._("Scale"), low: 0, high: 1000, value: scale, places: 100,
            change: (x) => set("scale", x), toPlace: (x) => Math.min(100, (100 * x) / most), toValue: (place) => Number(((place * most) / 100).toPrecision(3)),
            format: (x) => String(Number(x.toPrecision(3))), spoken: (x) => fixed(x, 2) })),
          element("label", {}, check, this._("Causal mask"))),
        element("p", { class: "small" },
          this._("With d = {d} numbers to a query, the usual scale is 1/√d = {usual}.", { d, usual: fixed(usual, 3) }))];
    }

    drawArcs() {
      const { word } = this.state;
      const weights = this.numbers.weights[word];
      const frame = this.parts.sentence.getBoundingClientRect();
      const tops = this.parts.tokens.map((token) => {
        const box = token.getBoundingClientRect();
        return [box.left + box.width / 2 - frame.left, box.top - frame.top];
      });
      const [x, y] = tops[word];
      const arcs = tops.map(([toX, toY], i) => {
        const lift = i === word ? 26 : 18 + Math.min(32, Math.abs(toX - x) / 6);
        const spread = i === word ? 14 : 0;
        const bend = `${x - spread} ${y - lift} ${toX + spread} ${toY - lift}`;
        const d = `M${x - spread / 2} ${y}C${bend} ${toX + spread / 2} ${toY}`;
        return weights[i] < 0.005 ? "" : svg("path", { d, "stroke-width": 8 * weights[i] });
      });
      this.parts.arcs.replaceChildren(...arcs);
    }

    draw() {
      const { tokens, query, key, head, causal, scale, word } = this.state;
      const { parts } = this;
      const weights = this.numbers.weights[word];
      for (const [i, token] of parts.tokens.entries()) {
        token.setAttribute("aria-pressed", i === word);
        token.querySelector(".bar").style.setProperty("--share", weights[i]);
        const isMasked = causal && i > word;
        const [, score, track, share] = parts.rows[i].children;
        for (const part of parts.rows[i].children) part.classList.toggle("masked", isMasked);
        score.textContent = isMasked ? this._("masked") : fixed(minisoftmax.dot(query[head][word], key[head][i]) * scale);
        track.firstChild.style.setProperty("--share", weights[i]);
        share.textContent = probability(weights[i]);
      }
      for (const [i, button] of parts.heads.entries()) button.setAttribute("aria-pressed", i === head);
      parts.asking.replaceChildren(...filled(this._("{word} asks. Score of each word, and its share after softmax:"),
        { word: element("strong", {}, tokens[word]) }));
      const top = Math.max(...weights);
      const best = weights.flatMap((weight, i) => (weight > top * (1 - 1e-9) ? [i === word ? this._("itself") : tokens[i]] : []));
      const isEven = best.length > 1 && best.length === tokens.length;
      const and = this._("and");
      const seen = { word: tokens[word], best: best.join(` ${and} `), p: probability(top) };
      parts.note.textContent = isEven ? this._("{word} looks at all alike: {p} each.", seen)
        : best.length > 1 ? this._("{word} looks most at {best}: {p} each.", seen)
        : this._("{word} looks most at {best}: {p}.", seen);
      this.drawArcs();
      this.say(parts.note.textContent);
    }
  }

  Explorer.define("attention-explorer", AttentionExplorer);
})();
