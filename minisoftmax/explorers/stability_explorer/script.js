// The formula in a number format, step by step: as it is written, and with the maximum subtracted first.
(() => {
  "use strict";
  const { Explorer } = minisoftmax;
  const { draggable, element, minus, raised } = Explorer;

  // A format has digits of the significand and a smallest exponent; all digits 1 at the largest exponent are its end.
  const largest = ({ digits, lowest }) => (2 - 2 ** (1 - digits)) * 2 ** (1 - lowest);

  // To the nearest number of a format, ties to even, as the hardware does after each operation.
  function rounder(format) {
    const { digits, lowest } = format;
    if (digits === 53) return (x) => x;
    return (x) => {
      if (!Number.isFinite(x) || x === 0) return x;
      const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), lowest);
      const unit = 2 ** (exponent - digits + 1);
      const steps = Math.round(x / unit);
      const isTie = Math.abs(x / unit - Math.trunc(x / unit)) === 0.5;
      const rounded = unit * (isTie ? 2 * Math.round(x / unit / 2) : steps);
      return Math.abs(rounded) > largest(format) ? Math.sign(x) * Infinity : rounded;
    };
  }

  // Both ways to the softmax of two logits, every step rounded.
  function steps(logits, format) {
    const round = rounder(format);
    const z = logits.map(round);
    const top = Math.max(...z);
    const way = (exponents) => {
      const exponentials = exponents.map((x) => round(Math.exp(x)));
      const total = round(exponentials[0] + exponentials[1]);
      return { exponents, exponentials, total, probabilities: exponentials.map((e) => round(e / total)) };
    };
    return { z, naive: way(z), shifted: way(z.map((x) => round(x - top))) };
  }

  // Log-probability of the first of two that leads by this much: 1 + rest rounded, and by log1p.
  function logarithms(lead, format) {
    const round = rounder(format);
    const stored = round(lead);
    const below = Math.min(stored, 0);
    const rest = round(Math.exp(-Math.abs(stored)));
    return {
      usual: round(below - round(Math.log(round(1 + rest)))),
      accurate: round(below - round(Math.log1p(rest))),
      exact: below - Math.log1p(Math.exp(-Math.abs(stored))),
    };
  }

  function show(x) {
    if (Number.isNaN(x)) return "NaN";
    if (!Number.isFinite(x)) return minus(String(x)).replace("Infinity", "∞");
    const size = Math.abs(x);
    if (size >= 1000 && size < 1e5) return minus(String(Math.round(x)));
    if (x === 0 || (size >= 0.001 && size < 1e5)) return minus(String(Number(x.toPrecision(4))));
    const [digits, power] = x.toExponential(2).split("e");
    return `${minus(digits)}×10${raised(Number(power))}`;
  }

  class StabilityExplorer extends Explorer {
    static address = { x: "logit", dtype: "dtype" };
    static style = `
      .formats { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: center; }
      .strip { position: relative; height: 3.5rem; margin: 1.75rem 0 0.25rem; touch-action: pan-y; }
      .reason { min-height: 2.8em; }
      .zones { display: flex; height: 2.25rem; border: 1px solid currentColor; }
      .zones span { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; overflow: hidden;
        min-width: 0; font-size: 0.8125rem; white-space: nowrap; }
      .zones span::before { content: ""; height: 2.25rem; } /* beside it, a word is seen where it fits */
      .zones .fails { background: repeating-linear-gradient(135deg, var(--faint) 0 4px, transparent 4px 9px); }
      .zones .works { color: #fff; background: color-mix(in srgb, #000 30%, var(--blue)); }
      .slider { position: absolute; left: calc(var(--place) * 100%); top: -22px; width: 44px; height: calc(2.25rem + 34px);
        margin-inline-start: -22px; touch-action: pan-y; cursor: ew-resize; }
      .slider::before { content: ""; position: absolute; inset: 14px 20px 12px; border: 2px solid currentColor;
        background: #fff; }
      .slider::after { content: ""; position: absolute; inset: 4px 12px auto; height: 18px; border: 2px solid currentColor;
        border-radius: 50%; background: #fff; }
      .scale { display: flex; justify-content: space-between; font-size: 0.8125rem; }
      table { width: 100%; border-collapse: collapse; margin-top: 0.75rem; table-layout: fixed; }
      th, td { padding: 0.25rem 0.35rem; border-bottom: 1px solid var(--faint); text-align: start; font-weight: 400;
        overflow-wrap: anywhere; vertical-align: top; }
      thead th { border-color: var(--line); font-weight: 600; }
      td { font-variant-numeric: tabular-nums; }
      th:first-child { width: 34%; }
      .bad { padding: 0 0.2rem; border: 2px solid var(--vermilion); border-radius: 0.25rem; font-weight: 600; }
      @container (max-width: 24rem) {
        table { font-size: 0.8125rem; }
        tr:nth-child(2) td { height: 3.5em; }
      }
      @container (max-width: 18rem) {
        .reason { min-height: 4.2em; }
        tr:nth-child(1) td { height: 3.5em; }
      }`;

    read({ logit, dtype, formats }) {
      this.checkNumbers([logit], "logit");
      Explorer.check(formats !== null && typeof formats === "object", this._("{name} must be an object", { name: "formats" }));
      const known = Object.keys(formats).join(", ");
      Explorer.check(Object.hasOwn(formats, dtype), this._("{name} must be one of {known}", { name: "dtype", known }));
      return { logit, dtype, formats };
    }

    get challenge() {
      const fails = (x) => steps([x, x - 1], this.format).naive.probabilities.some(Number.isNaN);
      const { logit, dtype } = this.state;
      const isMet = dtype === "float16" && logit > 0 && !fails(logit) && fails(logit + 0.1);
      return [this._("find the largest x, to a tenth, that still works in float16."), isMet];
    }

    get format() {
      return this.state.formats[this.state.dtype];
    }

    get numbers() {
      const { logit } = this.state;
      return { ...steps([logit, logit - 1], this.format), ...logarithms(logit, this.format) };
    }

    get reach() {
      return Math.max(this.format.reach, Math.ceil(Math.abs(this.state.logit)));
    }

    build() {
      const { logit, dtype, formats } = this.state;
      const choose = (name) => () => {
        const { reach } = formats[name];
        Object.assign(this.state, { dtype: name, logit: Math.min(reach, Math.max(-reach, this.state.logit)) });
        this.update();
      };
      const name = this._("Logit x");
      this.parts = {
        formats: Object.keys(formats).map((name) =>
          element("button", { type: "button", "aria-pressed": name === dtype, onclick: choose(name) }, name)),
        slider: element("div", { class: "slider", role: "slider", tabindex: 0, "aria-label": name }),
        field: this.field({ name: this._("{name}, as a number", { name }), low: -1000, high: 1000, value: logit,
          change: (x) => this.set("logit", x + 0), format: (x) => minus(String(x)) }),
        zones: element("div", { class: "zones" }),
        scale: element("div", { class: "scale number", "aria-hidden": true }),
        naive: element("tbody", {}), logs: element("tbody", {}), reason: element("p", { class: "reason" }),
      };
      const { parts } = this;
      parts.strip = element("div", { class: "strip" }, parts.zones, parts.slider, parts.scale);
      const start = (event) => { // where the strip is pressed, the handle comes
        const box = parts.strip.getBoundingClientRect();
        const pressed = ((event.clientX - box.left) / box.width) * 2 * this.reach - this.reach;
        if (event.currentTarget === parts.strip) this.drag(pressed);
        const from = this.state.logit;
        const perPixel = (2 * this.reach) / parts.strip.clientWidth;
        return (x) => this.drag(from + x * perPixel);
      };
      const step = (by) => () => this.drag(this.state.logit + by * (this.reach > 50 ? 1 : 0.1));
      draggable(parts.strip, start, {}, parts.slider);
      draggable(parts.slider, start, {
        ArrowRight: step(1), ArrowUp: step(1), ArrowLeft: step(-1), ArrowDown: step(-1), PageUp: step(10),
        PageDown: step(-10), Home: () => this.drag(-this.reach), End: () => this.drag(this.reach),
      });
      const head = (...names) =>
        element("thead", {}, element("tr", {}, ...names.map((name) => element("th", { scope: "col" }, name))));
      return [
        element("div", { class: "formats", role: "group", "aria-label": this._("Number format") }, ...parts.formats),
        element("p", { class: "heading" }, element("label", {}, this._("Two logits, x and x − 1, with x ="), parts.field)),
        parts.strip,
        parts.reason,
        element("table", {}, head(this._("Every step rounded"), this._("As written"), this._("Maximum first")), parts.naive),
        element("table", {}, head(this._("Logits x and 0"), this._("1 + rest, then log"), this._("log1p of the rest")),
          parts.logs),
      ];
    }

    drag(x) {
      const digits = this.reach > 50 ? 0 : 1;
      this.set("logit", Number(Math.min(this.reach, Math.max(-this.reach, x)).toFixed(digits)) + 0); // −0 is 0
    }


    // Where the sum of the plain formula turns to 0 or ∞, found by halving, since it does so once on either side.
    border(sign) {
      let [works, fails] = [0, sign * this.reach];
      const isBroken = (x) => [0, Infinity].includes(steps([x, x - 1], this.format).naive.total);
      if (!isBroken(fails)) return fails;
      for (let i = 0; i < 40; i++) {
        const middle = (works + fails) / 2;
        if (isBroken(middle)) fails = middle;
        else works = middle;
      }
      return works;
    }

    // Why the formula as written works here, or does not.
    reason({ exponentials: [e], total }) {
      const { dtype } = this.state;
      const { digits, lowest } = this.format;
      const power = "eˣ";
      const what = e === Infinity ? power : this._("The sum");
      const most = show(largest(this.format));
      const least = show(2 ** (lowest - digits + 1));
      if (total === Infinity) return this._("{what} is above {most}, the largest {dtype}.", { what, most, dtype });
      if (total === 0) return this._("{power} is below half of {least}, the smallest {dtype}.", { power, least, dtype });
      return this._("{power} is {value}: {dtype} can hold it.", { power, value: show(e), dtype });
    }

    draw() {
      const { logit, dtype } = this.state;
      const { reach, parts } = this;
      const { z, naive, shifted, usual, accurate, exact } = this.numbers;
      for (const button of parts.formats) button.setAttribute("aria-pressed", button.textContent === dtype);
      const [low, high] = [this.border(-1), this.border(1)];
      const zone = (name, from, to, text) => element("span", { class: `bar ${name}`, style: `flex: ${to - from} 0 0` }, text);
      parts.zones.replaceChildren(zone("fails", -reach, low, this._("sum {sum}", { sum: 0 })),
        zone("works", low, high, this._("works")), zone("fails", high, reach, this._("sum {sum}", { sum: "∞" })));
      parts.scale.replaceChildren(...[-reach, 0, reach].map((x) => element("span", {}, show(x))));
      parts.slider.style.setProperty("--place", (logit + reach) / (2 * reach));
      const verdict = naive.probabilities.some(Number.isNaN) ? this._("not a number") : show(naive.probabilities[0]);
      const heard = { valuemin: -reach, valuemax: reach, valuenow: logit,
        valuetext: this._("{x}: as written {verdict}, maximum first {right}",
          { x: show(logit), verdict, right: show(shifted.probabilities[0]) }) };
      for (const [name, value] of Object.entries(heard)) parts.slider.setAttribute(`aria-${name}`, value);
      parts.field.show(logit);

      const isBad = (x, step) => !Number.isFinite(x) || (x === 0 && step !== "exponents");
      const cell = (values, step) => element("td", {}, ...values.flatMap((x, i) =>
        [i ? ", " : "", element("span", { class: isBad(x, step) ? "bad" : "" }, show(x))]));
      const row = (name, step, of = (way) => way[step]) => element("tr", {}, element("th", { scope: "row" }, name),
        cell(of(naive), step), cell(of(shifted), step));
      parts.naive.replaceChildren(
        row(this._("exponents"), "exponents"), row(this._("exponentials"), "exponentials"),
        row(this._("their sum"), "total", (way) => [way.total]), row(this._("probabilities"), "probabilities"));
      const single = (x, isWrong) => element("td", {}, element("span", { class: isWrong ? "bad" : "" }, show(x)));
      parts.logs.replaceChildren(element("tr", {}, element("th", { scope: "row" }, this._("log p of the first")),
        single(usual, usual === 0 && exact < 0), single(accurate, accurate === 0 && exact < 0)));
      const isCoarse = z[0] - z[1] !== 1 || z[0] !== logit;
      const [first, second] = z.map(show);
      const stored = isCoarse ? [this._("Stored in {dtype}, the logits are {first} and {second}.", { dtype, first, second })] : [];
      parts.reason.textContent = [this.reason(naive), ...stored].join(" ");
      this.say(heard.valuetext);
    }
  }

  Explorer.define("stability-explorer", StabilityExplorer);
})();
