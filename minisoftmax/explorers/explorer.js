// What all explorers share: an element that draws itself from its settings, its controls, and how it looks.
globalThis.minisoftmax.Explorer ??= (() => {
  "use strict";

  // Only currentColor and the colors of the book, which the element brings: so a figure is dark where the page is.
  const STYLE = `
    :host { display: block; max-width: 42rem; margin: 1rem 0; line-height: 1.4; --accent: light-dark(var(--blue), var(--sky));
      --line: color-mix(in srgb, currentColor 60%, transparent);
      --faint: color-mix(in srgb, currentColor 14%, transparent); }
    :host([hidden]) { display: none; }
    slot { display: none; }
    .figure { container-type: inline-size; padding: 0.5rem 0.9rem; border: 1px solid var(--faint); border-radius: 0.6rem;
      font-size: 0.9375rem; }
    .figure * { box-sizing: border-box; }
    p { margin: 0.5rem 0; }
    .message { font-weight: 600; }
    .message:empty { margin: 0; }
    .top { display: flex; align-items: baseline; justify-content: space-between; gap: 0.5rem; }
    .spoken { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%);
      white-space: nowrap; }
    .controls { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; margin-top: 0.75rem; }
    .range { display: flex; min-width: 0; flex: 1 1 16rem; align-items: center; gap: 0.6rem; }
    .ends { display: flex; flex: 1; min-width: 0; flex-wrap: wrap; justify-content: space-between; font-size: 0.75rem; }
    .ends:has(span) { margin-bottom: -0.6rem; }
    .range:has(.ends span) + .range { margin-top: 0.6rem; }
    input[type=range] { flex: 1 0 100%; min-width: 0; height: 1.5rem; margin: 0; color: inherit; accent-color: var(--accent); }
    .range .name { min-width: 7rem; }
    @container (max-width: 20rem) {
      .range:has(.name + .ends) { flex-wrap: wrap; row-gap: 0; }
      .name:has(+ .ends) { flex: 1 0 100%; }
      .ends:has(span) { margin-bottom: 0; }
    }
    .field, select, button { font: inherit; color: inherit; background: transparent; border: 1px solid var(--line);
      border-radius: 0.3rem; padding: 0.15rem 0.35rem; }
    .field { width: 4rem; text-align: center; }
    .field[aria-invalid=true] { border: 2px dashed var(--vermilion); }
    select { max-width: 9rem; padding-block: 0.25rem; }
    option { color: #000; background: #fff; }
    button { padding: 0.25rem 0.8rem; cursor: pointer; }
    button[aria-pressed=true] { color: #fff; background: color-mix(in srgb, #000 30%, var(--blue)); border-color: transparent; }
    :is(button, select, .field):hover { border-color: currentColor; }
    :focus-visible { outline: 3px solid currentColor; outline-offset: 2px; border-radius: 0.3rem; }
    .held:focus-visible { outline: none; }
    .foot { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 0.5rem; margin-top: 0.2rem; font-size: 0.8125rem; }
    .challenge { flex: 1; min-width: 10rem; margin: 0; }
    .challenge::before { content: "☐ " / ""; }
    .met::before { content: "✓ " / ""; font-weight: 600; }
    .foot .reset { margin-inline-start: auto; }
    .foot :is(button, a) { padding: 0.3rem; border-color: transparent; color: inherit; text-decoration: underline dotted;
      text-underline-offset: 0.2em; }
    summary { padding-block: 0.2rem; cursor: pointer; font-size: 0.875rem; }
    @media (forced-colors: active) {
      button[aria-pressed=true] { border: 3px solid Highlight; forced-color-adjust: none; color: HighlightText;
        background: Highlight; }
    }
    label { display: inline-flex; min-height: 1.5rem; align-items: center; gap: 0.4rem; }
    .heading { margin: 0.75rem 0 0; }
    .bar { forced-color-adjust: none; }
    .scores { display: flex; flex-wrap: wrap; gap: 0 1.5rem; min-height: 1.6em; margin: 0.25rem 0; font-size: 1.0625rem; }
    .scores b { display: inline-block; min-width: 3.4em; font-weight: 600; }
    .number { font-variant-numeric: tabular-nums; }
    strong { font-weight: 600; }
    sup { font-size: 0.75em; line-height: 0; }
    @media print { .figure { display: none; } slot { display: block; } }`;

  function element(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else if (name.startsWith("aria-")) made.setAttribute(name, value); // true is a word there
      else if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children);
    return made;
  }

  function svg(tag, attributes = {}) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  // A sentence with elements where it has names in braces.
  const filled = (sentence, elements) => sentence.split(/\{(\w+)\}/).map((part, i) => (i % 2 ? elements[part] : part));

  // Names, each with a text, for a line of class "scores".
  const scored = (shown) => shown.map(([name, text]) => element("span", {}, `${name} `, element("b", {}, text)));

  // Numbers as people read them

  const minus = (text) => text.replace("-", "−");
  const fixed = (x, digits = 2) =>
    x === Infinity ? "∞" : minus(Number(x.toFixed(digits)) === 0 ? (0).toFixed(digits) : x.toFixed(digits));
  const [RAISED, PLAIN] = ["⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"];
  const raised = (n) => String(n).replace(/[-\d]/g, (c) => RAISED[PLAIN.indexOf(c)]);

  // Write e^x, also where it is too large or too small for a number.
  function exponential(x) {
    if (x === Infinity) return "∞";
    if (x === -Infinity) return "0";
    if (x > Math.log(1e-3) && x < Math.log(1e5)) return significant(Math.exp(x));
    const decimal = x * Math.LOG10E;
    let power = Math.floor(decimal);
    let digits = (10 ** (decimal - power)).toFixed(1);
    if (digits === "10.0") [digits, power] = ["1.0", power + 1];
    return `${digits}×10${raised(power)}`;
  }
  const significant = (x) => (x >= 100 ? x.toFixed(0) : x.toPrecision(3));

  function probability(p) {
    if (p === 0 || p >= 0.0005) return p.toFixed(3);
    return exponential(Math.log(p));
  }

  // Read what a person types, or a field shows: a minus sign of either kind, a comma or a point, ∞, a power of ten.
  function number(text) {
    const plain = text.trim().replace("−", "-").replace(",", ".").replace(/^(∞|inf|infinity)$/i, "Infinity")
      .replace(/^(?:(.+)×)?10([⁻⁰¹²³⁴-⁹]+)$/, (all, digits = "1", power) =>
        `${digits}e${power.replace(/./g, (c) => PLAIN[RAISED.indexOf(c)])}`);
    return plain === "" ? NaN : Number(plain);
  }

  // What the settings may be. A message says what is wrong with them.

  function settings(explorer) {
    let read = null;
    try {
      read = JSON.parse(explorer.getAttribute("settings"));
    } catch {} // the same message as for what is not there
    check(read !== null && typeof read === "object", explorer._("its settings must be an object in JSON"));
    return read;
  }
  function check(allowed, message) {
    if (!allowed) throw new TypeError(message);
  }

  // Controls

  // Make something draggable: `start` gives what a move by (x, y) pixels means. The keys do what `keys` says.
  // What is pressed may be larger than the handle that has the focus.
  function draggable(target, start, keys, handle = target) {
    let move = null;
    let from = null;
    let before = null;
    target.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      event.preventDefault();
      before = structuredClone(target.getRootNode().host.state);
      handle.classList.add("held"); // a hand needs no frame to know where it is
      handle.focus({ preventScroll: true });
      target.setPointerCapture(event.pointerId);
      [move, from] = [start(event), event];
    });
    target.addEventListener("pointermove", (event) => move?.(event.clientX - from.clientX, event.clientY - from.clientY));
    target.addEventListener("pointerup", () => (move = null));
    target.addEventListener("pointercancel", () => { // the finger scrolls the page
      move = null;
      const { host } = target.getRootNode();
      host.state = before;
      host.update();
    });
    target.addEventListener("keydown", (event) => {
      const action = event.ctrlKey || event.metaKey || event.altKey ? null : keys[event.key];
      if (!action) return;
      event.preventDefault();
      target.classList.remove("held");
      action();
    });
    target.addEventListener("blur", () => target.classList.remove("held"));
  }

  // A state in an address: #figure-name?T=2&z=1,0. What a setting is like now says how it is read.

  const written = (value) => encodeURIComponent([value].flat(Infinity).join()).replaceAll("%2C", ",").replaceAll("Infinity", "inf");
  function readLike(text, like) {
    const parts = text.split(",");
    const one = (part) => (part === "" || Number.isNaN(Number(part)) ? part : Number(part));
    const next = (like) => (Array.isArray(like) ? like.map(next) : one(parts.shift() ?? ""));
    if (Array.isArray(like)) return next(like);
    return typeof like === "boolean" ? text === "true" : typeof like === "string" && like !== "inf" ? text : one(text);
  }

  class Explorer extends HTMLElement {
    static observedAttributes = ["settings"];
    static address = {}; // which letter stands for which setting, in an address

    // Each explorer has its own `style`, `address`, `read(settings)` that checks, `build()` and `draw()`. What it is now
    // is `state`, where settings have their names; it may have a `challenge`: what to do, and whether that is so.
    connectedCallback() {
      this.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab leaves the keys to the figure
      this.anchor = this.closest("[id^=figure-]")?.id;
      this.restart();
      this.follow = () => this.goTo(location.hash);
      if (this.anchor) addEventListener("hashchange", this.follow);
      if (this.anchor) this.follow();
    }

    disconnectedCallback() {
      removeEventListener("hashchange", this.follow);
    }

    attributeChangedCallback() {
      if (this.shadowRoot) this.restart();
    }

    // Say a sentence in the language whose words the element has with it: as in gettext, the English one is the key.
    // What stands in braces is filled in.
    _(english, values = {}) {
      this.words ??= JSON.parse(this.getAttribute("words") ?? "{}");
      return (this.words[english] ?? english).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
    }

    get caption() {
      return this.getAttribute("caption") ?? this._("A figure to try");
    }

    restart() {
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      clearTimeout(this.speaking);
      this.controls = new Map();
      this.spoken = element("p", { class: "spoken", "aria-live": "polite" });
      const message = element("p", { class: "message", role: "status" });
      const figure = element("div", { class: "figure", role: "group", "aria-label": this.caption,
        ontyped: (event) => (message.textContent = event.detail) });
      try {
        this.state = this.read(settings(this));
        figure.append(...this.build(), this.foot(), message, this.spoken);
      } catch (error) {
        this.state = null;
        message.textContent = this._("This figure cannot be drawn: {problem}.", { problem: error.message });
        figure.replaceChildren(message);
      }
      root.replaceChildren(element("style", {}, STYLE + (this.constructor.style ?? "")), figure, element("slot"));
      if (this.state) this.update();
      clearTimeout(this.speaking); // what nobody changed need not be said
      this.started = this.state && this.search;
    }

    update() {
      this.draw();
      const { challenge } = this.parts;
      if (!challenge || challenge.matches(".met") || !this.challenge[1]) return;
      challenge.classList.add("met");
      challenge.style.minHeight = `${challenge.getBoundingClientRect().height}px`; // fewer words take no less room
      challenge.textContent = this._("Done: {what}", { what: this.challenge[0] });
    }

    // Say it once the hand has come to rest.
    say(text) {
      clearTimeout(this.speaking);
      this.speaking = setTimeout(() => (this.spoken.textContent = text), 500);
    }

    // What the settings may be.

    checkNumbers(values, name, limit = 1000) {
      const allowed = Array.isArray(values) && values.every((x) => Number.isFinite(x) && Math.abs(x) <= limit);
      check(allowed, this._("{name} must be numbers from −{limit} to {limit}", { name, limit }));
    }

    checkLabels(labels, count, name = "labels") {
      const allowed = Array.isArray(labels) && labels.length === count && labels.every((x) => typeof x === "string");
      check(allowed, this._("{name} must be {count} texts", { name, count }));
    }

    checkTemperature(given) {
      const T = given === "inf" ? Infinity : given;
      check(typeof T === "number" && T >= 0, this._('{name} must be a number >= 0, or "inf"', { name: "temperature" }));
      return T;
    }

    // Controls

    // Text that is a number: what does not fit is marked, and changes nothing.
    field({ name, low, high, value, format = String, change }) {
      const read = () => {
        const typed = number(input.value);
        const fits = typed >= low && typed <= high;
        input.setAttribute("aria-invalid", !fits);
        const [from, to] = [minus(String(low)), high === Infinity ? "∞" : high];
        const allowed = this._("{name}: from {from} to {to}, please.", { name, from, to });
        input.dispatchEvent(new CustomEvent("typed", { bubbles: true, detail: fits ? "" : allowed }));
        if (fits) change(typed);
      };
      const input = element("input", {
        class: "field number", autocomplete: "off", "aria-label": name, onchange: read,
        onkeydown: (event) => event.key === "Enter" && read(), // JupyterLab keeps the browser from it
      });
      input.show = (x) => {
        input.value = format(x);
        input.setAttribute("aria-invalid", false);
      };
      input.show(value);
      return input;
    }

    // A slider of places 0 to `places`, each of which means a value, beside a field for the value itself.
    range({ name, label = name, places, toPlace, toValue, spoken = String, format, ends = [], ...rest }) {
      let now = rest.value;
      let before = now;
      const show = (value) => {
        now = value;
        slider.value = toPlace(value);
        slider.setAttribute("aria-valuetext", spoken(value));
        entry.show(value);
      };
      const change = (value) => {
        show(value);
        rest.change(value);
      };
      const slider = element("input", {
        type: "range", min: 0, max: places, step: 1, "aria-label": name,
        oninput: () => change(toValue(Number(slider.value))),
        onpointerdown: () => (before = now),
        onpointercancel: () => change(before), // the finger scrolls the page
      });
      const entry = this.field({ ...rest, name: this._("{name}, as a number", { name }), format, change });
      const all = element("div", { class: "range" }, element("span", { class: "name" }, label),
          element("span", { class: "ends" }, slider, ...ends.map((end) => element("span", { "aria-hidden": true }, end))),
          entry);
      all.show = show;
      show(rest.value);
      return all;
    }

    // The logarithm of T runs evenly from 0.05 to 20; the two ends are the limits.
    temperatureRange(value, change) {
      const format = (T) => (T === Infinity ? "∞" : String(Number(T.toPrecision(3))));
      return this.range({
        name: this._("Temperature"), label: this._("Temperature T"), low: 0, high: Infinity, value, change, format, places: 100,
        ends: ["0", "1", "∞"],
        toValue: (place) =>
          place === 0 ? 0 : place === 100 ? Infinity : Number((0.05 * 400 ** ((place - 1) / 98)).toPrecision(3)),
        toPlace: (T) =>
          T === 0 ? 0 : T === Infinity ? 100 : Math.min(99, Math.max(1, 1 + (98 * Math.log(T / 0.05)) / Math.log(400))),
        spoken: (T) => (T === Infinity ? this._("infinite") : format(T)),
      });
    }

    // A control that shows a setting, whoever changes it.
    shows(name, control) {
      this.controls.set(name, control);
      return control;
    }

    // Change a setting, as its control does.
    set(name, value) {
      this.state[name] = value;
      this.update();
    }

    // Change some settings from outside, named as in an address; what they may not be, they do not become.
    goTo(address) {
      const [anchor, search] = address.split("?");
      if (anchor !== `#${this.anchor}` || search === undefined || !this.state) return;
      const given = {};
      for (const [letter, text] of new URLSearchParams(search)) {
        const name = this.constructor.address[letter];
        if (name) given[name] = readLike(text, this.settings[name]);
      }
      try {
        Object.assign(this.state, this.read({ ...this.settings, ...given }));
      } catch {
        return;
      }
      for (const [name, control] of this.controls) control.show(this.state[name]);
      this.update();
      const isTall = this.offsetHeight > 0.8 * innerHeight; // then its top has to be seen
      this.scrollIntoView({ block: isTall ? "start" : "nearest" });
    }

    // The settings that would give what is seen now.
    get settings() {
      const temperature = this.state.temperature === Infinity ? "inf" : this.state.temperature;
      return { ...settings(this), ...this.state, ...(temperature === undefined ? {} : { temperature }) };
    }

    get search() {
      const now = this.settings;
      return Object.entries(this.constructor.address).map(([letter, name]) => `${letter}=${written(now[name])}`).join("&");
    }

    foot() {
      const link = element("a", { href: `#${this.anchor}`, onclick: (event) => {
        event.preventDefault();
        const address = `#${this.anchor}${this.search === this.started ? "" : `?${this.search}`}`;
        history.replaceState(null, "", address);
        navigator.clipboard?.writeText(location.href).catch(() => {});
        this.say(this._("The address of the page leads to this state now, and has been copied."));
        link.textContent = this._("Copied");
        setTimeout(() => (link.textContent = this._("Link")), 2000);
      } }, this._("Link"));
      const reset = element("button", { type: "button", class: "reset", onclick: () => this.reset() }, this._("Reset"));
      const [what, isMet] = this.challenge ?? ["", true];
      const challenge = this._("To try: {what}", { what });
      this.parts.challenge = isMet ? null : element("p", { class: "challenge", role: "status" }, challenge);
      return element("div", { class: "foot" }, this.parts.challenge ?? element("span", { class: "challenge", hidden: true }),
        ...(this.anchor ? [link] : []), reset);
    }

    reset() {
      this.restart();
      this.shadowRoot.querySelector(".reset").focus();
      this.say(this._("Reset."));
    }
  }

  return Object.assign(Explorer, {
    check, draggable, element, exponential, filled, fixed, minus, number, probability, raised, scored, svg,
    define: (name, made) => customElements.get(name) ?? customElements.define(name, made),
  });
})();
