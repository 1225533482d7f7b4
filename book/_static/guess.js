// A question with a place for a guess. The answer, which is folded away on the page, opens after the guess.
class SoftmaxGuess extends HTMLElement {
  connectedCallback() {
    const answer = this.querySelector("details");
    if (!answer || this.querySelector("form")) return;
    const form = document.createElement("form");
    const label = document.createElement("label");
    const field = document.createElement("input");
    const button = document.createElement("button");
    const said = document.createElement("p");
    Object.assign(field, { type: "number", step: "any", required: true, min: this.getAttribute("min") ?? "" });
    button.textContent = book._("Guess");
    said.setAttribute("role", "status");
    label.append(book._("Your guess:"), " ", field, ` ${this.getAttribute("unit") ?? ""}`);
    form.append(label, button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      said.textContent = this.compare(field.valueAsNumber);
      answer.open = true;
    });
    this.prepend(form, said);
  }

  compare(guess) {
    const answer = Number(this.getAttribute("answer"));
    if (Math.abs(guess - answer) <= 0.1 * Math.abs(answer)) return book._("You guessed {guess}. Very close.", { guess });
    const said = { guess, answer: this.getAttribute("answer") };
    return guess < answer ? book._("You guessed {guess}. It is more: {answer}.", said) : book._("You guessed {guess}. It is less: {answer}.", said);
  }
}
// The script stands in the head of each page: wait until what is inside the element has been read.
document.addEventListener("DOMContentLoaded", () => customElements.define("softmax-guess", SoftmaxGuess));
