// Exercises on a page. A value is judged as `check` judges it in a notebook, in the same words and the same three
// steps: its direction or a known slip; then the hint; then the answer. What was tried is kept in this browser.
(() => {
  "use strict";
  const WORDS = WORDS_OF_THE_PACKAGE;

  const say = (name, values = {}) => WORDS[name].replace(/\{(\w+)\}/g, (_, key) => values[key]);

  function element(tag, properties = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
      else made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  // Numbers

  const close = (known, a, b) => Math.abs(a - b) <= known.tolerance[1] + known.tolerance[0] * Math.abs(b);
  const agree = (known, a, b) => a.every((x, i) => close(known, x, b[i]));
  const sorted = (values) => [...values].sort((a, b) => a - b);

  // What makes all of an answer right, whatever the exercise; in the order of the package.
  const REPAIRS = [
    ["SIGN", (x) => -x],
    ["REVERSED", (x, i, all) => all[all.length - 1 - i]],
    ["LOG10", (x) => x * Math.LN10],
    ["LOG2", (x) => x * Math.LN2],
    ["PERCENT", (x) => x / 100],
    ["COMPLEMENT", (x) => 1 - x],
    ["ONE_OVER", (x) => 1 / x],
    ["EXPONENTIAL", Math.exp],
    ["LOGARITHM", Math.log],
  ];

  function slip(known, numbers) {
    const listed = known.slips.find(([answer]) => agree(known, numbers, answer));
    if (listed) return listed[1];
    if (known.options.length) return "";
    const names = known.parts.join(", ");
    if (numbers.length > 1 && agree(known, sorted(numbers), sorted(known.right))) return say("ORDER", { names });
    const repair = REPAIRS.find(([, change]) => agree(known, numbers.map(change), known.right));
    return repair ? say(repair[0]) : "";
  }

  function direction(known, numbers) {
    if (numbers.length === 1) {
      if (known.options.length) return say("CHOICE_WRONG");
      return say(numbers[0] < known.right[0] ? "TOO_SMALL" : "TOO_LARGE");
    }
    const said = numbers.map((x, i) => {
      const wrong = known.options.length ? "PART_WRONG" : x < known.right[i] ? "PART_TOO_SMALL" : "PART_TOO_LARGE";
      return say(close(known, x, known.right[i]) ? "PART_RIGHT" : wrong, { part: known.parts[i] });
    });
    return `${said.join("; ")}.`;
  }

  // Judge an answer, after the different wrong ones so far, to which a new one is added.
  function judge(known, texts, wrong) {
    const numbers = texts.map(book.number);
    const yours = texts.length > 1 ? `(${texts.join(", ")})` : texts[0];
    const problem = numbers.some(Number.isNaN) ? "PAGE_TEXT" : numbers.some((x) => !Number.isFinite(x)) && "VALUE_IS_INFINITE";
    if (problem) return { passed: false, message: say(problem), rows: [["YOURS", yours]] };
    if (agree(known, numbers, known.right)) return { passed: true, message: known.why, rows: [] };
    if (!wrong.some((earlier) => agree(known, numbers, earlier))) wrong.push(numbers);
    const seen = slip(known, numbers);
    const hint = [seen, wrong.length >= 2 ? known.hint : ""].filter(Boolean).join(" ");
    const rows = [["YOURS", yours]];
    if (wrong.length >= 3) rows.push(["EXPECTED", known.shown]);
    if (hint) rows.push(["HINT", hint]);
    return { passed: false, message: seen ? "" : direction(known, numbers), rows };
  }

  // What was tried, in this browser

  const KEY = "answers";
  const kept = () => book.stored(KEY) ?? {};
  function keep(name, tried) {
    const { [name]: _, ...others } = kept();
    book.store(KEY, JSON.stringify(tried ? { ...others, [name]: tried } : others));
  }

  class SoftmaxQuestion extends HTMLElement {
    connectedCallback() {
      if (this.firstChild) return;
      this.name = this.getAttribute("name");
      const bytes = Uint8Array.from(atob(this.getAttribute("packed")), (character) => character.codePointAt(0));
      const known = JSON.parse(new TextDecoder().decode(bytes));
      if (known.parts) this.askForValues(known);
      else this.offerHints(known);
    }

    askForValues(known) {
      const fields = known.parts.map((part) => this.field(known, part));
      const said = element("div", { role: "status" });
      const forget = element("button", { type: "button" }, say("PAGE_FORGET"));
      const labels = fields.map((field, i) => element("label", {}, element("code", {}, known.parts[i]), field));
      const form = element("form", {}, ...labels, element("button", {}, say("PAGE_CHECK")), forget);
      let tried = kept()[this.name] ?? { wrong: [] };
      const answer = (texts) => {
        said.replaceChildren(this.verdict(judge(known, texts, tried.wrong)));
        forget.hidden = false;
      };
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        tried.texts = fields.map((field) => field.value.trim());
        answer(tried.texts);
        keep(this.name, tried);
      });
      forget.addEventListener("click", () => {
        tried = { wrong: [] };
        keep(this.name, null);
        form.reset();
        said.replaceChildren();
        forget.hidden = true;
        fields[0].focus();
      });
      forget.hidden = true;
      this.append(form, said);
      if (tried.texts) {
        for (const [i, field] of fields.entries()) field.value = tried.texts[i];
        answer(tried.texts);
      }
    }

    field(known, part) {
      if (!known.options.length) return element("input", { required: "", autocomplete: "off", "aria-label": part });
      const options = known.options.map((option) => element("option", { value: option }, String(option)));
      return element("select", { required: "", "aria-label": part }, element("option", { value: "" }, say("PAGE_CHOOSE")), ...options);
    }

    verdict({ passed, message, rows }) {
      const [icon, spoken, headline] = passed ? ["✓", "ICON_RIGHT", "RIGHT"] : ["✗", "ICON_WRONG", "WRONG"];
      const head = say(headline, { name: this.name }).replace(icon, "").trim();
      const first = element("p", {}, element("span", { role: "img", "aria-label": say(spoken) }, icon), " ",
          element("strong", {}, head), ` ${message}`);
      const list = rows.map(([name, value]) => element("div", {}, element("dt", {}, say(name)), element("dd", {}, value)));
      return element("div", { class: passed ? "right" : "wrong" }, first, ...(list.length ? [element("dl", {}, ...list)] : []));
    }

    offerHints({ hint, example, solution }) {
      const said = element("div", { role: "status" });
      const steps = [
        ["PAGE_HINT", () => element("p", {}, hint)],
        ["PAGE_EXAMPLE", () => element("pre", { tabindex: 0 }, example)],
      ].filter((_, i) => i === 0 || example);
      const next = element("button", { type: "button" }, say("PAGE_HINT"));
      next.addEventListener("click", () => {
        said.append(steps.shift()[1]());
        if (steps.length) next.textContent = say(steps[0][0]);
        else next.remove();
      });
      const show = element("button", { type: "button" }, say("PAGE_SOLUTION"));
      show.addEventListener("click", () => {
        said.append(element("pre", { tabindex: 0 }, solution));
        show.remove();
      });
      this.append(element("form", {}, next, show), said);
    }
  }
  addEventListener("DOMContentLoaded", () => customElements.define("softmax-question", SoftmaxQuestion));
})();
