// Three classes in the plane: a vector for each, the probabilities as color, lines where they balance, and a loss.
(() => {
  "use strict";
  const { Explorer, dot, logSoftmax, plane, softmax, sum } = minisoftmax;
  const { element, filled, fixed, probability, scored, svg } = Explorer;

  const REACH = 3; // the plane is drawn from −3 to 3
  const SQUARE = { low: -REACH, high: REACH };
  const CELLS = 56;
  const NAMES = ["--blue", "--orange", "--green"];
  const MARKS = ["●", "■", "▼"];
  const OUTLINES = ["m-0.8 0a0.8 0.8 0 1 0 1.6 0a0.8 0.8 0 1 0-1.6 0z", "m-0.75-0.75h1.5v1.5h-1.5z", "m0 1l-1-1.7h2z"];

  // Red, green and blue of a color that is written as #RRGGBB.
  const mixture = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));

  const inside = (x) => Math.min(REACH, Math.max(-REACH, x));

  // What each sample costs, and whether it is right, which no temperature changes. Rounding errors must not decide a tie.
  function scores(vectors, samples, target, temperature) {
    const logits = samples.map((x) => vectors.map((w) => dot(w, x)));
    const losses = logits.map((z, i) => -logSoftmax(z, temperature)[target[i]]);
    const areRight = logits.map((z, i) => z.findIndex((x) => x > Math.max(...z) - 1e-9) === target[i]);
    const worst = losses.findIndex((loss) => loss >= Math.max(...losses) - 1e-9);
    return { losses, areRight, worst, loss: sum(losses) / losses.length, right: areRight.filter(Boolean).length };
  }

  // The vectors in the plane that cost least, by gradient descent.
  function trained(samples, target) {
    let vectors = [[0, 0], [0, 0], [0, 0]];
    for (let step = 0; step < 300; step++) {
      const mistakes = samples.map((x, i) => softmax(vectors.map((w) => dot(w, x))).map((p, k) => p - (target[i] === k)));
      vectors = vectors.map((w, k) => w.map((weight, axis) =>
        inside(weight - (0.2 * sum(samples.map((x, i) => mistakes[i][k] * x[axis]))) / samples.length)));
    }
    return vectors;
  }

  class BoundaryExplorer extends Explorer {
    static address = { w: "vectors", x: "point", T: "temperature" };
    static style = `${plane.STYLE}
      .layout { display: grid; grid-template-columns: minmax(0, 22rem) minmax(0, 1fr); gap: 0.5rem 1.25rem; }
      .plane { color: #000; forced-color-adjust: none; }
      .plane .handle:focus-visible { box-shadow: inset 0 0 0 9px #fff; }
      .point::before { border-radius: 0; rotate: 45deg; inset: 15px; }
      .class { margin-top: 0.6rem; }
      .track { display: flex; align-items: center; gap: 0.4rem; }
      .track .bar { height: 1rem; width: calc((100% - 3.5rem) * var(--share)); background: var(--color);
        border: 1px solid color-mix(in srgb, #000 45%, var(--color)); }
      .place { display: flex; flex-wrap: wrap; gap: 0.2rem 0.4rem; align-items: center; justify-content: space-between; }
      .heading { margin-bottom: 0.5rem; }
      .small { font-size: 0.8125rem; }
      .worst { min-height: 1.4em; margin-top: 0; }
      @container (max-width: 32rem) {
        .layout { grid-template-columns: minmax(0, 1fr); }
        .worst { min-height: 2.8em; }
      }`;

    read({ vectors, labels, temperature = 1, point = [0.5, 0.5], samples, target }) {
      const isPair = (place) => Array.isArray(place) && place.length === 2;
      Explorer.check(Array.isArray(vectors) && vectors.length === 3 && vectors.every(isPair),
        this._("{name} must be three pairs of numbers", { name: "vectors" }));
      this.checkNumbers(vectors.flat(), "vectors", REACH);
      Explorer.check(isPair(point), this._("{name} must be a pair of numbers", { name: "point" }));
      this.checkNumbers(point, "point", REACH);
      this.checkLabels(labels, 3);
      Explorer.check(Array.isArray(samples) && samples.length > 0 && samples.every(isPair),
        this._("{name} must be pairs of numbers", { name: "samples" }));
      this.checkNumbers(samples.flat(), "samples", REACH);
      Explorer.check(Array.isArray(target) && target.length === samples.length && target.every((k) => [0, 1, 2].includes(k)),
        this._("{name} must be the number of a class for each row", { name: "target" }));
      const places = [...vectors, point].map((place) => [...place]);
      return { places, labels, temperature: this.checkTemperature(temperature), samples, target };
    }

    get settings() {
      const { places } = this.state;
      return { ...super.settings, vectors: places.slice(0, 3), point: places[3] };
    }

    get challenge() {
      return [this._("bring the loss below {goal}.", { goal: fixed(this.goal) }), this.numbers.loss < this.goal];
    }

    at(point) {
      return softmax(this.state.places.slice(0, 3).map((w) => dot(w, point)), this.state.temperature);
    }

    get numbers() {
      const { places, samples, target, temperature } = this.state;
      return { probabilities: this.at(places[3]), ...scores(places.slice(0, 3), samples, target, temperature) };
    }

    build() {
      const { labels, temperature, samples, target } = this.state;
      const least = scores(trained(samples, target), samples, target, 1).loss;
      this.goal = Math.ceil(120 * least) / 100; // a fifth more, which hands can reach
      const names = [...labels, this._("point")];
      const titles = [...labels.map((label) => this._("Vector of {label}", { label })), this._("Point")];
      this.parts = {
        canvas: element("canvas", { width: CELLS, height: CELLS, "aria-hidden": true }),
        lines: svg("svg", { viewBox: `0 0 ${CELLS} ${CELLS}`, "aria-hidden": true }),
        vectors: names.map((name, i) => plane.vector(this, { name: titles[i], label: name, square: SQUARE,
          ...(i < 3 ? { style: `--color: var(${NAMES[i]})` } : { class: "handle point" }),
          place: () => this.state.places[i], move: (place) => this.move(i, place) })),
        shares: labels.map((_, i) => element("div", { class: "track", style: `--color: var(${NAMES[i]})` },
          element("div", { class: "bar", "aria-hidden": true }), element("span", { class: "number small" }))),
        scores: element("p", { class: "scores number" }), worst: element("p", { class: "small worst" }),
        temperature: this.shows("temperature", this.temperatureRange(temperature, (T) => this.set("temperature", T))),
      };
      const { parts } = this;
      parts.plane = element("div", { class: "plane" }, parts.canvas, parts.lines,
        ...parts.vectors.map(({ handle }) => handle));
      const side = names.map((name, i) => element("div", { class: "class" },
        element("div", { class: "place" }, i < 3 ? this.marked(i) : element("strong", {}, titles[3]), parts.vectors[i].pair),
        ...(i < 3 ? [parts.shares[i]] : [])));
      return [element("p", { class: "heading" }, this._("Drag the vectors and the point")), parts.scores, parts.worst,
        element("div", { class: "layout" }, parts.plane,
        element("div", {},
          element("p", { class: "heading" },
            ...filled(this._("Probabilities at the {point} ◆"), { point: element("strong", {}, names[3]) })),
          ...side)),
        element("p", { class: "small" }, this._("Solid lines: two classes are equal, the third is behind. " +
          "Dotted lines: one class has a probability of 0.9. Filled points are right, hollow ones wrong.")),
        element("div", { class: "controls" }, parts.temperature)];
    }

    marked(k) {
      return element("strong", {}, element("span", { "aria-hidden": true }, `${MARKS[k]} `), this.state.labels[k]);
    }

    move(i, place) {
      this.state.places[i] = place;
      this.update();
    }

    paint() {
      const context = this.parts.canvas.getContext("2d");
      const style = getComputedStyle(this);
      const colors = NAMES.map((name) => mixture(style.getPropertyValue(name).trim()));
      const image = context.createImageData(CELLS, CELLS);
      const place = (n) => (2 * REACH * (n + 0.5)) / CELLS - REACH;
      for (let row = 0; row < CELLS; row++) {
        for (let column = 0; column < CELLS; column++) {
          const p = this.at([place(column), -place(row)]);
          for (let part = 0; part < 3; part++) {
            const mixed = sum(p.map((share, k) => share * colors[k][part]));
            image.data[4 * (CELLS * row + column) + part] = 255 - 0.6 * (255 - mixed); // lighter, so that lines stand out
          }
          image.data[4 * (CELLS * row + column) + 3] = 255;
        }
      }
      context.putImageData(image, 0, 0);
    }

    // In a direction from the middle, all logits grow evenly: borders of two classes are rays, of which those count where
    // the third is behind.
    borders() {
      const vectors = this.state.places;
      return [[0, 1, 2], [1, 2, 0], [2, 0, 1]].flatMap(([a, b, c]) => {
        const across = [vectors[b][1] - vectors[a][1], vectors[a][0] - vectors[b][0]];
        const size = Math.hypot(...across);
        return [1, -1].flatMap((sign) => {
          const ray = across.map((x) => (sign * x) / size);
          const isAhead = dot(vectors[a], ray) >= dot(vectors[c], ray);
          return size > 0 && isAhead ? [[[0, 0], ray.map((x) => 5 * x)]] : [];
        });
      });
    }

    // Where a class has just this probability: it leads in a fan of directions, and grows along each, so halving finds it.
    level(k, share) {
      const path = [];
      for (let step = 0; step <= 720; step++) {
        const ray = [Math.cos((step * Math.PI) / 360), Math.sin((step * Math.PI) / 360)];
        const at = (r) => this.at(ray.map((x) => r * x))[k];
        let [near, far] = [0, 5];
        if (at(far) < share || at(0) > share) {
          path.push(null);
          continue;
        }
        for (let i = 0; i < 24; i++) {
          const middle = (near + far) / 2;
          if (at(middle) < share) near = middle;
          else far = middle;
        }
        path.push(ray.map((x) => far * x));
      }
      const first = path.indexOf(null); // a fan that reaches over the end of the circle is one line
      return first < 0 ? path : [...path.slice(first), ...path.slice(0, first)];
    }

    draw() {
      const { places, labels, samples, target } = this.state;
      const { parts } = this;
      const { probabilities: p, losses, areRight, worst, loss, right } = this.numbers;
      this.paint();
      const line = (d, width, dashes = "none") =>
        svg("path", { d, fill: "none", stroke: "#000", "stroke-width": width, "stroke-dasharray": dashes });
      const percent = (x) => 50 + (50 * x) / REACH;
      const cells = (x) => (percent(x) * CELLS) / 100;
      const arrows = places.slice(0, 3).map(([x, y]) => `M${cells(0)} ${cells(0)}L${cells(x)} ${cells(-y)}`);
      const drawn = (points) => points.map((point, i) => (point === null ? "" :
        `${points[i - 1] ? "L" : "M"}${cells(point[0]).toFixed(2)} ${cells(-point[1]).toFixed(2)}`)).join("");
      const leads = this.borders().map(drawn).join("");
      const sure = this.state.temperature === 0 ? "" : [0, 1, 2].map((k) => drawn(this.level(k, 0.9))).join("");
      const start = ([x, y]) => `M${cells(x).toFixed(2)} ${cells(-y).toFixed(2)}`;
      parts.lines.replaceChildren(line(leads, 0.4), line(sure, 0.4, "0.5 0.8"), line(arrows.join(""), 0.7),
        ...samples.map((x, i) => svg("path", { d: start(x) + OUTLINES[target[i]], stroke: "#000", "stroke-width": 0.25,
          style: `fill: ${areRight[i] ? `var(${NAMES[target[i]]})` : "#fff"}` })),
        line(`${start(samples[worst])}m-1.8 0a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0z`, 0.5));
      for (const vector of parts.vectors) vector.show();
      for (const [i, share] of parts.shares.entries()) {
        share.style.setProperty("--share", p[i]);
        share.lastChild.textContent = probability(p[i]);
      }
      const score = this._("{right} of {count}", { right, count: samples.length });
      parts.scores.replaceChildren(...scored([[this._("loss"), fixed(loss, 3)], [this._("right"), score]]));
      parts.worst.replaceChildren(...filled(this._("Ringed: {label} at ({x}, {y}) has a probability of {p}, and costs most: {loss}."),
        { label: this.marked(target[worst]), x: fixed(samples[worst][0], 1), y: fixed(samples[worst][1], 1),
          p: probability(Math.exp(-losses[worst])), loss: fixed(losses[worst], 3) }));
      const shares = labels.map((label, i) => `${label} ${probability(p[i])}`).join(", ");
      const cost = loss === Infinity ? this._("infinite") : fixed(loss, 3);
      this.say(this._("Loss {loss}, {right} right. At the point: {shares}.", { loss: cost, right: score, shares }));
    }
  }

  Explorer.define("boundary-explorer", BoundaryExplorer);
})();
