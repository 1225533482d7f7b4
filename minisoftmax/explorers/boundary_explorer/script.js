// Three classes in the plane: a vector for each, the probabilities as color, and lines where they balance.
(() => {
  "use strict";
  const { Explorer, plane } = minisoftmax;
  const { element, filled, probability, svg } = Explorer;

  const REACH = 3; // the plane is drawn from −3 to 3
  const SQUARE = { low: -REACH, high: REACH };
  const CELLS = 56;
  const NAMES = ["--blue", "--orange", "--green"];

  // Red, green and blue of a color that is written as #RRGGBB.
  const mixture = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));

  class BoundaryExplorer extends Explorer {
    static address = { w: "vectors", x: "point", T: "temperature" };
    static style = `${plane.STYLE}
      .layout { display: grid; grid-template-columns: minmax(0, 22rem) minmax(0, 1fr); gap: 0.5rem 1.25rem; }
      .plane { color: #000; }
      .plane .handle:focus-visible { box-shadow: inset 0 0 0 9px #fff; }
      .point::before { border-radius: 0; rotate: 45deg; inset: 15px; }
      .class { margin-top: 0.6rem; }
      .track { display: flex; align-items: center; gap: 0.4rem; }
      .track .bar { height: 1rem; width: calc((100% - 3.5rem) * var(--share)); background: var(--color);
        border: 1px solid color-mix(in srgb, #000 45%, var(--color)); }
      .place { display: flex; flex-wrap: wrap; gap: 0.2rem 0.4rem; align-items: center; justify-content: space-between; }
      .heading { margin-bottom: 0.5rem; }
      .small { font-size: 0.8125rem; }
      @container (max-width: 32rem) { .layout { grid-template-columns: minmax(0, 1fr); } }`;

    read({ vectors, labels, temperature = 1, point = [0.5, 0.5] }) {
      const isPair = (place) => Array.isArray(place) && place.length === 2;
      Explorer.check(Array.isArray(vectors) && vectors.length === 3 && vectors.every(isPair),
        this._("{name} must be three pairs of numbers", { name: "vectors" }));
      this.checkNumbers(vectors.flat(), "vectors", REACH);
      Explorer.check(isPair(point), this._("{name} must be a pair of numbers", { name: "point" }));
      this.checkNumbers(point, "point", REACH);
      this.checkLabels(labels, 3);
      const places = [...vectors, point].map((place) => [...place]);
      return { places, labels, temperature: this.checkTemperature(temperature) };
    }

    get settings() {
      const { places } = this.state;
      return { ...super.settings, vectors: places.slice(0, 3), point: places[3] };
    }

    get challenge() {
      const p = this.numbers.probabilities;
      const isMiddle = this.state.places[3].every((x) => x === 0);
      return [this._("make all three equally likely, away from the middle."),
        !isMiddle && Math.max(...p) - Math.min(...p) < 0.01];
    }

    at(point) {
      const vectors = this.state.places.slice(0, 3);
      return minisoftmax.softmax(vectors.map((w) => minisoftmax.dot(w, point)), this.state.temperature);
    }

    get numbers() {
      return { probabilities: this.at(this.state.places[3]) };
    }

    build() {
      const { labels, temperature } = this.state;
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
        temperature: this.shows("temperature", this.temperatureRange(temperature, (T) => this.set("temperature", T))),
      };
      const { parts } = this;
      parts.plane = element("div", { class: "plane" }, parts.canvas, parts.lines,
        ...parts.vectors.map(({ handle }) => handle));
      const side = names.map((name, i) => element("div", { class: "class" },
        element("div", { class: "place" }, element("strong", {}, i < 3 ? name : titles[3]),
          parts.vectors[i].pair),
        ...(i < 3 ? [parts.shares[i]] : [])));
      return [element("p", { class: "heading" }, this._("Drag the vectors and the point")),
        element("div", { class: "layout" }, parts.plane,
        element("div", {},
          element("p", { class: "heading" },
            ...filled(this._("Probabilities at the {point} ◆"), { point: element("strong", {}, names[3]) })),
          ...side)),
        element("p", { class: "small" }, this._("Solid lines: two classes are equal, the third is behind. " +
          "Dotted lines: one class has a probability of 0.9.")),
        element("div", { class: "controls" }, parts.temperature)];
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
            const mixed = minisoftmax.sum(p.map((share, k) => share * colors[k][part]));
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
          const isAhead = minisoftmax.dot(vectors[a], ray) >= minisoftmax.dot(vectors[c], ray);
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
      const { places, labels } = this.state;
      const { parts } = this;
      const p = this.numbers.probabilities;
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
      parts.lines.replaceChildren(line(leads, 0.4), line(sure, 0.4, "0.5 0.8"), line(arrows.join(""), 0.7));
      for (const vector of parts.vectors) vector.show();
      for (const [i, share] of parts.shares.entries()) {
        share.style.setProperty("--share", p[i]);
        share.lastChild.textContent = probability(p[i]);
      }
      const shares = labels.map((label, i) => `${label} ${probability(p[i])}`).join(", ");
      this.say(this._("At the point: {shares}.", { shares }));
    }
  }

  Explorer.define("boundary-explorer", BoundaryExplorer);
})();
