// A sentence: the word at the pointer looks at the words under the arcs. Its query and a key are arrows to drag; the row
// of its softmax and the values that this mixes stand beside them.
(() => {
  "use strict";
  const { Explorer, plane } = minisoftmax;
  const { element, filled, fixed, minus, probability, svg } = Explorer;

  // A square with these vectors in it, and with 0, with a margin.
  function around(vectors, margin) {
    const [low, high] = [Math.min(0, ...vectors.flat()), Math.max(0, ...vectors.flat())];
    const room = margin * (high - low || 1);
    return { low: low - room, high: high + room };
  }

  // Lines in a square that is drawn from 0 to 100, down.
  const place = ([x, y], { low, high }) => [x - low, high - y].map((x) => Math.round((1e4 * x) / (high - low)) / 100);
  const line = (points, square, style) => svg("path", { d: `M${points.map((x) => place(x, square)).join("L")}`, ...style });

  function arrow(vector, square, width) {
    const [[fromX, fromY], [x, y]] = [[0, 0], vector].map((x) => place(x, square));
    const [length, angle] = [Math.hypot(x - fromX, y - fromY), Math.atan2(y - fromY, x - fromX)];
    const barb = (turn) => [x, y].map((x, axis) => x - Math.min(7, length / 2) * Math.cos(angle + turn - (axis * Math.PI) / 2));
    const d = `M${fromX} ${fromY}L${x} ${y}` + (length > 0 ? `M${barb(0.45)}L${x} ${y}L${barb(-0.45)}` : "");
    return svg("path", { d, "stroke-width": length > 0 ? width : 5 });
  }

  // Both axes, and a line at each whole number if these are few.
  function axes(square) {
    const { low, high } = square;
    const whole = Array.from({ length: 24 }, (_, i) => i - 12).filter((x) => x >= low && x <= high);
    return (high - low < 12 ? whole : [0]).flatMap((x) => [[[x, low], [x, high]], [[low, x], [high, x]]].map((ends) =>
      line(ends, square, { class: x === 0 ? "axis" : "grid" })));
  }

  const written = (vector, digits) => `(${vector.map((x) => fixed(x, digits)).join(", ")})`;
  const short = (x) => minus(String(Number(x.toPrecision(3))));
  const factor = (x) => (x < 0 ? `(${short(x)})` : short(x));

  class AttentionExplorer extends Explorer {
    static address = { word: "word", head: "head", scale: "scale", causal: "causal", other: "other", q: "query", k: "key" };
    static style = `${plane.STYLE}
      .layout { display: grid; grid-template-columns: auto minmax(0, 1fr) auto; gap: 0.4rem 1rem;
        grid-template-areas: "words words words" "asking asking asking" "vectors keys values"; }
      .asking { grid-area: asking; margin: 0.5rem 0 0; }
      .sentence { grid-area: words; position: relative; display: flex; flex-wrap: wrap; justify-content: center;
        gap: 2.6rem 0.2rem; padding-top: 3rem; }
      .sentence svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; pointer-events: none; }
      .token { position: relative; min-width: 2rem; padding: 0.2rem 0.4rem 0.75rem; border-color: transparent; }
      .token[aria-pressed=true] { color: inherit; background: var(--faint); border-color: currentColor; font-weight: 600; }
      .token .bar { position: absolute; inset: auto 0.3rem 0.15rem; height: calc(0.55rem * var(--share));
        background: var(--blue); }
      path { fill: none; stroke: var(--blue); stroke-linecap: round; }
      .keys { grid-area: keys; display: grid; grid-template-columns: minmax(2rem, max-content) 3rem minmax(0, 1fr) 3.3rem;
        gap: 0.15rem 0.5rem; align-items: center; align-content: start; }
      .keys > * > * { min-width: 0; }
      .keys span:first-child { max-width: 8rem; overflow: hidden; text-overflow: ellipsis; text-align: end; }
      .track { height: 1.1rem; border-inline-start: 1px solid var(--line); }
      .track .bar { height: 100%; width: calc(100% * var(--share)); background: var(--blue); }
      .score { text-align: end; }
      .masked { opacity: 0.75; }
      .small { font-size: 0.8125rem; }
      .vectors, .values { width: clamp(9.5rem, 29cqi, 12rem); }
      .vectors { grid-area: vectors; }
      .values { grid-area: values; }
      .layout p { margin: 0 0 0.2rem; }
      .plane { border: 1px solid var(--faint); }
      .plane path { vector-effect: non-scaling-stroke; stroke-linejoin: round; }
      .values path { stroke: var(--green); }
      .plane .axis { stroke: var(--line); stroke-width: 0.6; }
      .plane .grid { stroke: var(--faint); stroke-width: 0.6; }
      .plane .piece { stroke-width: 8; stroke-linecap: butt; opacity: 0.4; }
      .handle { --color: transparent; }
      .mark { width: 32px; height: 32px; margin: -16px; font-size: 0.75rem; line-height: 1.2; }
      .mark span { position: absolute; left: 20px; bottom: 18px; white-space: nowrap; }
      .mark.low span { top: 18px; bottom: auto; }
      .mark.far span { left: auto; right: 20px; }
      .values .mark { pointer-events: none; }
      .result { min-height: 2.8em; }
      .numbers { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 1.5rem; margin-top: 0.5rem; }
      .numbers > * { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.4rem; white-space: nowrap; }
      .numbers .field { width: 3.2rem; }
      .numbers select { max-width: 6rem; }
      .numbers :is(.field, select), label { min-height: 2rem; }
      input[type=checkbox] { width: 1.2rem; height: 1.2rem; accent-color: var(--blue); }
      @container (max-width: 33rem) {
        .layout { grid-template-columns: minmax(0, 3fr) minmax(0, 2fr) minmax(0, 3fr); gap: 0.5rem;
          grid-template-areas: "asking asking asking" "words keys keys" "vectors vectors values"; }
        .sentence { flex-flow: column; align-items: flex-end; gap: 0; padding: 0 min(2rem, 12cqi) 0 0; }
        .token { max-width: 100%; height: 2rem; padding: 0.2rem 0.4rem; overflow: hidden; text-overflow: ellipsis; }
        .token .bar { display: none; }
        .keys { grid-auto-rows: 2rem; row-gap: 0; grid-template-columns:
          minmax(2rem, max-content) min(2.4rem, 15cqi) minmax(0, 1fr) min(3.3rem, 19cqi); }
        .keys span:first-child { text-align: start; }
        .vectors, .values { width: auto; align-self: end; }
      }
      @container (max-width: 17rem) { .result { min-height: 5.6em; } }
      @media (prefers-reduced-motion: no-preference) { .track .bar { transition: width 120ms; } }`;

    read({ tokens, query, key, value = null, heads, causal = false, scale = null, word = -1, head = 0, other = null }) {
      const count = tokens?.length;
      Explorer.check(count >= 2 && count <= 16,
        this._("{name} must be {low} to {high} texts", { name: "tokens", low: 2, high: 16 }));
      this.checkLabels(tokens, count, "tokens");
      const size = query?.[0]?.[0]?.length;
      for (const [name, given] of Object.entries({ query, key, ...(value && { value }) })) {
        const length = name === "value" ? 2 : size;
        const fits = Array.isArray(given) && given.length === query.length && length > 0 && given.every((head) =>
          Array.isArray(head) && head.length === count && head.every((row) => Array.isArray(row) && row.length === length));
        Explorer.check(fits, this._("{name} must be heads of {count} rows of equal length", { name, count }));
        this.checkNumbers(given.flat(2), name);
      }
      this.checkLabels(heads, query.length, "heads");
      Explorer.check(typeof causal === "boolean", this._("{name} must be true or false", { name: "causal" }));
      Explorer.check(scale === null || (Number.isFinite(scale) && scale >= 0),
        this._("{name} must be a number >= 0", { name: "scale" }));
      for (const [name, given] of Object.entries({ word, other: other ?? 0 })) {
        Explorer.check(Number.isInteger(given) && given >= -count && given < count,
          this._("{name} must be the number of a token", { name }));
      }
      Explorer.check(Number.isInteger(head) && head >= 0 && head < heads.length,
        this._("{name} must be the number of a head", { name: "head" }));
      const state = { tokens, query, key, value, heads, causal, head, word: (word + count) % count,
        scale: scale ?? 1 / Math.sqrt(size) };
      const weights = minisoftmax.attention(query[head], key[head], state)[state.word];
      return { ...state, other: other === null ? weights.indexOf(Math.max(...weights)) : (other + count) % count };
    }

    // Vectors that nobody can move need no place in an address.
    get search() {
      return this.isInPlane ? super.search : super.search.split("&other=")[0];
    }

    get isInPlane() {
      return this.state.query[0][0].length === 2;
    }

    get challenge() {
      const { word } = this.state;
      const isMet = this.numbers.weights[word].some((weight, i) => weight >= 0.9 && i !== word);
      return [this._("let a word give 0.9 to another one."), isMet];
    }

    get numbers() {
      const { query, key, value, head, causal, scale } = this.state;
      const weights = minisoftmax.attention(query[head], key[head], { scale, causal });
      return { weights, answers: value && weights.map((row) => minisoftmax.mixture(row, value[head])) };
    }

    build() {
      const { tokens, query, value, heads, causal, scale } = this.state;
      const set = (name, value) => this.set(name, value);
      const d = query[0][0].length;
      const usual = 1 / Math.sqrt(d);
      this.parts = {
        tokens: tokens.map((token, i) => element("button", { type: "button", class: "token", title: token,
          ...this.pointing("word", i), onfocus: () => set("word", i) },
          token, element("span", { class: "bar", "aria-hidden": true }))),
        arcs: svg("svg", { "aria-hidden": true }),
        heads: heads.map((head, i) => element("button", { type: "button", onclick: () => set("head", i) }, head)),
        asking: element("p", { class: "asking" }),
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
      return [element("p", { class: "heading" }, this._("Point at a word, or tap it")),
        ...(heads.length > 1 ? [chooser] : []),
        element("div", { class: "layout" }, parts.sentence, parts.asking,
          ...(d === 2 ? [this.buildVectors()] : []),
          element("div", { class: "keys", role: "list" }, ...parts.rows),
          ...(value ? [this.buildValues()] : [])),
        ...(d === 2 ? [this.parts.numbers] : []),
        element("div", { class: "controls" },
          this.shows("scale", this.range({ name: this._("Scale"), low: 0, high: 1000, value: scale, places: 100,
            change: (x) => set("scale", x), toPlace: (x) => Math.min(100, (100 * x) / most),
            toValue: (place) => Number(((place * most) / 100).toPrecision(3)),
            format: short, spoken: fixed })),
          element("label", {}, check, this._("Causal mask"))),
        element("p", { class: "small" },
          this._("With d = {d} numbers to a query, the usual scale is 1/√d = {usual}.", { d, usual: fixed(usual, 3) }))];
    }

    // A word that is pointed at, or tapped. A finger that comes may want to scroll.
    pointing(name, i) {
      const choose = () => this.set(name, i);
      return { onclick: choose, onpointerenter: ({ pointerType }) => pointerType === "mouse" && choose() };
    }

    // The plane of the keys, with the query of the word that asks. One key has a handle: that of the other word.
    buildVectors() {
      const { parts } = this;
      const { tokens, query, key } = this.state;
      parts.square = around([[-2, -2], [3, 3], ...query.flat(), ...key.flat()], 0.04);
      const vector = (name, label, vectors, word) => plane.vector(this, { name, label, square: parts.square,
        place: () => this.state[vectors][this.state.head][this.state[word]],
        move: (place) => {
          this.state[vectors][this.state.head][this.state[word]] = place;
          this.update();
        } });
      parts.query = vector(this._("Query"), this._("query"), "query", "word");
      parts.key = vector(this._("Key"), "", "key", "other");
      parts.arrows = svg("svg", { viewBox: "0 0 100 100", "aria-hidden": true });
      parts.marks = tokens.map((_, i) => element("div", { class: "mark", "aria-hidden": true, ...this.pointing("other", i) },
        element("span")));
      parts.choice = element("select", { onchange: () => this.set("other", Number(parts.choice.value)) },
        ...tokens.map((token, i) => element("option", { value: i }, token)));
      parts.product = element("p", { class: "small number result" });
      parts.numbers = element("div", { class: "numbers" }, element("div", {}, this._("Query"), parts.query.pair),
        element("div", {}, element("label", {}, this._("Key of"), parts.choice), parts.key.pair));
      return element("div", { class: "vectors" }, element("p", { class: "small" }, this._("Drag the query or a key")),
        element("div", { class: "plane" }, parts.arrows, ...parts.marks, parts.key.handle, parts.query.handle),
        parts.product);
    }

    // The plane of the values, each with its name, and the answer that the weights make of them.
    buildValues() {
      const { parts } = this;
      parts.mix = svg("svg", { viewBox: "0 0 100 100", "aria-hidden": true });
      parts.told = this.state.tokens.map(() => element("div", { class: "mark", "aria-hidden": true }, element("span")));
      parts.answer = element("strong", { class: "number" });
      parts.mixture = element("div", { class: "plane", role: "img" }, parts.mix, ...parts.told);
      return element("div", { class: "values" }, element("p", { class: "small" }, this._("Values, mixed")), parts.mixture,
        element("p", { class: "small result" }, ...filled(this._("Answer: {answer}"), { answer: parts.answer })));
    }

    // Put names beside vectors; of some at one place one is named, and how many more there are.
    label(marks, vectors, square, hidden) {
      for (const [i, mark] of marks.entries()) {
        plane.put(mark, vectors[i], square);
        const [first, ...others] = [...vectors.keys()].filter((j) => j !== hidden && String(vectors[j]) === String(vectors[i]));
        mark.hidden = first !== i || vectors[i].every((x) => x === 0);
        mark.firstChild.textContent = this.state.tokens[i] + (others.length > 0 ? ` +${others.length}` : "");
      }
    }

    drawArcs() {
      const { word } = this.state;
      const weights = this.numbers.weights[word];
      const frame = this.parts.sentence.getBoundingClientRect();
      const place = (part, x, y) => {
        const box = part.getBoundingClientRect();
        return [box.left + box.width * x - frame.left, box.top + box.height * y - frame.top];
      };
      const isColumn = getComputedStyle(this.parts.sentence).flexDirection === "column";
      const [x, y] = isColumn ? place(this.parts.tokens[word], 1, 0.5) : place(this.parts.tokens[word], 0.5, 0);
      const arcs = this.parts.tokens.map((token, i) => {
        const [toX, toY] = isColumn ? place(this.parts.rows[i].firstChild, 0, 0.5) : place(token, 0.5, 0);
        const lift = i === word ? 26 : 18 + Math.min(32, Math.abs(toX - x) / 6);
        const spread = i === word ? 14 : 0;
        const bend = isColumn ? `${(x + toX) / 2} ${y} ${(x + toX) / 2} ${toY}`
          : `${x - spread} ${y - lift} ${toX + spread} ${toY - lift}`;
        const [from, to] = isColumn ? [x + 2, toX - 5] : [x - spread / 2, toX + spread / 2];
        const d = `M${from} ${y}C${bend} ${to} ${toY}`;
        return weights[i] < 0.005 ? "" : svg("path", { d, "stroke-width": 8 * weights[i] });
      });
      this.parts.arcs.replaceChildren(...arcs);
    }

    drawVectors(weights) {
      const { tokens, query, key, head, word, other, causal, scale } = this.state;
      const { parts, parts: { square } } = this;
      const [q, k] = [query[head][word], key[head][other]];
      const lines = key[head].map((vector, i) => arrow(vector, square, 1.2 + 3 * weights[i]));
      parts.arrows.replaceChildren(...axes(square), ...lines, arrow(q, square, 4));
      this.label(parts.marks, key[head], square, other);
      parts.key.handle.firstChild.textContent = tokens[other];
      parts.query.show();
      parts.key.show();
      parts.choice.value = other;
      const [a, b, c, d] = [q[0], k[0], q[1], k[1]].map(factor);
      const sum = `(${a}·${b} + ${c}·${d}) · ${short(scale)} = ${fixed(minisoftmax.dot(q, k) * scale)}`;
      const score = causal && other > word ? this._("masked") : sum;
      parts.product.textContent = this._("Score: {score}", { score });
    }

    drawValues(weights, answer) {
      const { tokens, value, head } = this.state;
      const { parts } = this;
      const vectors = value[head];
      const square = around(value.flat(), 0.3);
      let end = [0, 0];
      const pieces = vectors.map((vector, i) => {
        const start = end;
        end = start.map((x, axis) => x + weights[i] * vector[axis]);
        return line([start, end], square, { class: "piece" });
      });
      parts.mix.replaceChildren(...axes(square), ...pieces, ...vectors.map((vector) => arrow(vector, square, 1.2)),
        arrow(answer, square, 4));
      this.label(parts.told, vectors, square);
      parts.answer.textContent = written(answer, 3);
      const values = tokens.map((token, i) => `${token} ${written(vectors[i])}`).join(", ");
      parts.mixture.setAttribute("aria-label",
        this._("Values: {values}. Answer: {answer}", { values, answer: written(answer, 3) }));
    }

    draw() {
      const { tokens, query, key, value, head, causal, scale, word } = this.state;
      const { parts } = this;
      const { weights: all, answers } = this.numbers;
      const weights = all[word];
      for (const [i, token] of parts.tokens.entries()) {
        token.setAttribute("aria-pressed", i === word);
        token.lastChild.style.setProperty("--share", weights[i]);
        const isMasked = causal && i > word;
        const [, score, track, share] = parts.rows[i].children;
        for (const part of parts.rows[i].children) part.classList.toggle("masked", isMasked);
        score.textContent = isMasked ? this._("masked") : fixed(minisoftmax.dot(query[head][word], key[head][i]) * scale);
        track.firstChild.style.setProperty("--share", weights[i]);
        share.textContent = probability(weights[i]);
      }
      for (const [i, button] of parts.heads.entries()) button.setAttribute("aria-pressed", i === head);
      parts.asking.replaceChildren(...filled(this._("{word} asks. Score of each word, and its weight after softmax:"),
        { word: element("strong", {}, tokens[word]) }));
      const top = Math.max(...weights);
      const best = weights.flatMap((weight, i) => (weight > top * (1 - 1e-9) ? [i === word ? this._("itself") : tokens[i]] : []));
      const seen = { word: tokens[word], best: best.join(", "), p: probability(top) };
      const said = best.length === tokens.length ? this._("{word} looks at all alike: {p} each.", seen)
        : this._("{word} looks most at {best}: {p}.", seen);
      if (this.isInPlane) this.drawVectors(weights);
      if (value) this.drawValues(weights, answers[word]);
      this.drawArcs();
      const answer = value ? this._("Answer: {answer}", { answer: written(answers[word], 3) }) : "";
      this.say(`${said} ${answer}`);
    }
  }

  Explorer.define("attention-explorer", AttentionExplorer);
})();
