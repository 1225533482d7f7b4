// What a page does beyond its figures: it folds code, unfolds what a link leads to, and lets words act on a figure.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const root = document.documentElement;

  // Read, or read with code

  const codes = document.querySelectorAll("details.code");
  const buttons = document.querySelectorAll(".reading button");
  function choose(mode) {
    root.dataset.code = mode;
    for (const code of codes) code.open = mode === "on";
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.code === mode);
  }
  for (const button of buttons) {
    button.addEventListener("click", () => {
      localStorage.setItem("code", button.dataset.code);
      choose(button.dataset.code);
    });
  }
  if (codes.length) choose(root.dataset.code);
  root.dataset.ready = "";

  // What a link leads to is open, and so is all on paper.

  function unfold() {
    const [name] = decodeURIComponent(location.hash.slice(1)).split("?");
    const target = name && document.getElementById(name);
    if (!target) return;
    const folded = [...document.querySelectorAll("details")].filter((details) => details.contains(target));
    const own = target.querySelector(":scope > details.further");
    const closed = [...folded, ...(own ? [own] : [])].filter((details) => !details.open);
    for (const details of closed) details.open = true;
    if (closed.length || location.hash.includes("?")) target.scrollIntoView();
  }
  addEventListener("hashchange", unfold);
  unfold();
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details.code, details.further")) details.open = true;
  });

  // Words that act: a link to a state of a figure on this page is a button.

  for (const link of document.querySelectorAll('article a[href^="#figure-"][href*="?"]')) {
    const address = link.getAttribute("href");
    const figure = document.getElementById(address.slice(1).split("?")[0])?.querySelector("[settings]");
    if (!figure) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "acts";
    button.append(...link.childNodes);
    button.addEventListener("click", () => {
      history.pushState(null, "", address); // so that “Back” leads back to the words
      figure.goTo(address);
    });
    link.replaceWith(button);
  }

  // What scrolls by itself is reached by keyboard, so it has a name.

  addEventListener("load", () => {
    const scrolling = [...document.querySelectorAll(".pst-scrollable-table-container")];
    for (const [i, part] of scrolling.filter((part) => part.scrollWidth > part.clientWidth).entries()) {
      part.setAttribute("role", "region");
      part.setAttribute("aria-label", `${part.matches(".math") ? "Formula" : "Table"} ${i + 1}, wide`);
    }
  });

  // Where one was

  const isChapter = document.querySelector(".reading");
  if (isChapter) {
    const page = location.pathname.split("/").at(-1);
    addEventListener("pagehide", () => {
      const headings = [...document.querySelectorAll("article h2")];
      const seen = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 2).at(-1);
      if (!seen) return;
      const place = { page, anchor: seen.closest("section").id, title: document.querySelector("h1").firstChild.textContent,
        section: seen.firstChild.textContent };
      localStorage.setItem("place", JSON.stringify(place));
    });
  }
  const back = document.querySelector(".continue");
  const place = JSON.parse(localStorage.getItem("place") ?? "null");
  if (back && place) {
    back.href = `${place.page}#${place.anchor}`;
    back.textContent = `Continue: ${place.title}, “${place.section}”`;
    back.hidden = false;
  }
});
