// A question with a place for a guess. The answer, which is folded away on the page, opens after the guess.
class SoftmaxGuess extends HTMLElement {
  connectedCallback() {
    const answer = this.querySelector("details");
    if (!answer || this.querySelector("form")) return;
    const form = document.createElement("form");
    const label = document.createElement("label");
    const asked = document.createElement("span");
    const field = document.createElement("input");
    const button = document.createElement("button");
    const said = document.createElement("p");
    const unit = this.getAttribute("unit");
    Object.assign(field, { inputMode: "decimal", autocomplete: "off" });
    button.textContent = book._("Guess");
    said.setAttribute("role", "status");
    asked.textContent = unit ? book._("Your guess ({unit}):", { unit }) : book._("Your guess:");
    label.append(asked, " ", field);
    form.append(label, button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const guess = book.number(field.value.replace(/\s*%$/, ""));
      const [min, max] = ["min", "max"].map((name) => this.getAttribute(name));
      const fits = guess >= (min ?? -Infinity) && guess <= (max ?? Number.MAX_VALUE);
      field.setAttribute("aria-invalid", !fits);
      if (fits) answer.open = true;
      const asked = max === null ? book._("A number from {min} on, please.", { min })
        : book._("A number from {min} to {max}, please.", { min, max });
      said.textContent = fits ? this.reply(guess) : asked;
    });
    this.prepend(form, said);
  }

  // The guess, the answer, how far apart they are, and what one who guessed too little, or too much, may have thought.
  reply(guess) {
    const answer = Number(this.getAttribute("answer"));
    const both = book._("Your guess: {guess}. The answer: {answer}.", { guess, answer });
    const most = Number(this.getAttribute("max") ?? Infinity); // of a share, what is left matters, too
    const isClose = Math.abs(guess - answer) <= Math.min(0.1 * answer, 0.2 * (most - answer));
    const rest = isClose ? [book._("Very close.")]
      : [this.error(guess, answer, most), this.getAttribute(guess < answer ? "more" : "less")];
    const reply = [both, ...rest].join(" ");
    return reply.replace(/ [=:×] | (?=%)/g, (part) => part.replaceAll(" ", "\u00a0")); // no line ends within
  }

  // A share is off by a difference, unless that is vast; other numbers by a factor, unless that is small.
  error(guess, answer, most) {
    const factor = guess < answer ? answer / guess : guess / answer;
    if (guess > 0 && factor >= (most < Infinity ? 10 : 2)) {
      const times = Number(factor.toPrecision(2));
      return guess < answer ? book._("That is {times} times too small.", { times })
        : book._("That is {times} times too large.", { times });
    }
    const by = Number(Math.abs(guess - answer).toPrecision(3));
    return guess < answer ? book._("That is {by} too little.", { by }) : book._("That is {by} too much.", { by });
  }
}
// The script stands in the head of each page: wait until what is inside the element has been read.
document.addEventListener("DOMContentLoaded", () => customElements.define("softmax-guess", SoftmaxGuess));
