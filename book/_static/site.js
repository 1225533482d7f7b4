// What a page does beyond its figures: it folds code, unfolds what a link leads to, and lets words act on a figure.

// A sentence of a script in the language of the page: as in gettext, the English one is the key. Other languages than
// English have a script with their words. (Sphinx has a global of the shorter name.)
globalThis.book = {
  _: (english, values = {}) =>
    (globalThis.words?.[english] ?? english).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole),

  // Read what a person types: a minus sign of either kind, a comma or a point, ∞, a fraction. In English, a comma before
  // three digits parts thousands.
  number(text) {
    let plain = text.trim().replace("−", "-").replace(/(?<=\d)\s(?=\d{3})/g, "");
    if (document.documentElement.lang === "en" && /^-?[1-9]\d{0,2}(,\d{3})+$/.test(plain)) plain = plain.replaceAll(",", "");
    plain = plain.replace(",", ".").replace(/^([-+]?)(∞|inf|infinity)$/i, "$1Infinity");
    const decimal = /^[-+]?(Infinity|(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)$/i;
    const [value, divisor = "1", ...more] = plain.split("/").map((part) => part.trim());
    return decimal.test(value) && decimal.test(divisor) && more.length === 0 ? Number(value) / Number(divisor) : NaN;
  },

  // What this browser keeps for a reader, if it may keep anything.
  stored(key) {
    try {
      return JSON.parse(localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  store(key, text) {
    try {
      localStorage.setItem(key, text);
    } catch {} // it is forgotten, then
  },
};

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
      book.store("code", button.dataset.code);
      choose(button.dataset.code);
    });
  }
  if (codes.length) choose(root.dataset.code);
  root.dataset.ready = "";

  // What a link leads to is open, and so is all on paper.

  function named(hash) {
    try {
      return decodeURIComponent(hash.slice(1)).split("?")[0];
    } catch {
      return ""; // it was cut off within a character
    }
  }
  function unfold() {
    const name = named(location.hash);
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

  // In another language the same place has the same name, or is the section with the same number.

  const isSeen = (part) => {
    const { top, bottom } = part.getBoundingClientRect();
    return Math.min(bottom, innerHeight) - Math.max(top, 0) > (bottom - top) / 2;
  };
  const headings = [...document.querySelectorAll("article :is(h2, h3)")];
  const passed = () => headings.filter((heading) => heading.checkVisibility()
    && heading.getBoundingClientRect().top < innerHeight / 3).at(-1); // the last one, or none
  const sections = [...document.querySelectorAll("article section[id]")];
  for (const link of document.querySelectorAll("a.language[data-same]")) {
    link.addEventListener("click", () => {
      const target = document.getElementById(named(location.hash));
      const { top, bottom } = target?.getBoundingClientRect() ?? {};
      const place = top < innerHeight && bottom > 0 ? target : passed()?.closest("section");
      const at = sections.indexOf(place);
      link.hash = place && at < 0 ? location.hash : at > 0 ? `#~${at}` : "";
      link.search = location.search;
    });
  }
  const number = location.hash.match(/^#~(\d+)$/)?.[1];
  if (number) location.replace(`#${sections[number]?.id ?? ""}`);

  // Words that act: a link to a state of a figure on this page is a button. Where the figure is out of sight, and does
  // not come next, a copy of it opens below the words.

  const block = (part) => part.closest("section > *, details > *");
  function beside(button, figure) {
    const words = block(button);
    const before = words.nextElementSibling;
    if (before?.matches(".beside") && before.of === figure) return before;
    const summary = document.createElement("summary");
    summary.textContent = figure.caption;
    const made = document.createElement("details");
    made.className = "beside";
    made.of = figure;
    made.append(summary, figure.cloneNode(true));
    words.after(made);
    return made;
  }
  for (const link of document.querySelectorAll('article a[href^="#figure-"][href*="?"]')) {
    const address = link.getAttribute("href");
    const figure = document.getElementById(address.slice(1).split("?")[0])?.querySelector("[settings]");
    if (!figure) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "acts";
    button.append(...link.childNodes);
    button.addEventListener("click", () => {
      if (isSeen(figure) || block(button).nextElementSibling === block(figure)) return figure.goTo(address);
      const place = beside(button, figure);
      const copy = place.lastChild;
      place.open = true;
      copy.anchor = figure.anchor;
      copy.goTo(address);
    });
    link.replaceWith(button);
  }

  // What a link leads to is shown beside it: on hover, on focus, and on a first tap; a second tap follows the link.

  const preview = document.createElement("div");
  preview.className = "preview";
  preview.id = "preview";
  preview.hidden = true;
  document.querySelector(".bd-article")?.append(preview);
  let shown = null;
  function hide() {
    shown?.removeAttribute("aria-describedby");
    shown = null;
    preview.hidden = true;
  }
  // The picture of a figure, or of one that can be tried, and what stands below it.
  function drawn(name) {
    const figure = /^figure-/.test(name) ? document.getElementById(name.split("?")[0]) : null;
    if (!figure?.matches("figure")) return null;
    const shown = document.createDocumentFragment();
    const caption = document.createElement("p");
    caption.textContent = figure.querySelector("figcaption").textContent;
    const images = [...figure.querySelectorAll("img")].map((image) => image.cloneNode());
    if (figure.querySelector("[settings]")) for (const image of images) image.className = "on-card";
    shown.append(...images, caption);
    return shown;
  }
  function show(link) {
    const name = named(link.hash);
    const template = document.querySelector(`template[data-for="${CSS.escape(name)}"]`);
    const formula = /^equation-/.test(name) ? document.getElementById(name) : null;
    const content = template?.content ?? formula?.querySelector("mjx-container") ?? drawn(name);
    if (!content || shown === link) return;
    hide();
    shown = link;
    preview.replaceChildren(content.cloneNode(true));
    preview.hidden = false;
    link.setAttribute("aria-describedby", "preview");
    const { left, top, bottom } = link.getClientRects()[0];
    const frame = preview.offsetParent.getBoundingClientRect();
    const below = bottom + preview.offsetHeight + 8 < innerHeight || top < preview.offsetHeight + 8;
    preview.style.left = `${Math.max(0, Math.min(left - frame.left, frame.width - preview.offsetWidth))}px`;
    preview.style.top = `${(below ? bottom + 4 : top - preview.offsetHeight - 4) - frame.top}px`;
  }
  let waiting = 0;
  let isTouch = false;
  const soon = (act) => {
    clearTimeout(waiting);
    waiting = setTimeout(act, 250);
  };
  addEventListener("pointerdown", (event) => {
    isTouch = event.pointerType === "touch";
    if (!event.target.closest?.(".preview, a")) hide();
  });
  // A link that a mouse at rest comes upon, because the page scrolls below it, is not meant.
  let resting = "";
  const spot = ({ screenX, screenY }) => `${screenX} ${screenY}`;
  addEventListener("pointermove", (event) => (resting = spot(event)));
  preview.addEventListener("pointerenter", () => clearTimeout(waiting));
  preview.addEventListener("pointerleave", () => soon(hide));
  for (const link of document.querySelectorAll('.bd-article a[href*="#"]:not(.headerlink, figcaption a)')) {
    link.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse" && spot(event) !== resting) soon(() => show(link));
    });
    link.addEventListener("pointerleave", ({ pointerType }) => {
      if (pointerType === "mouse") soon(() => shown === link && hide());
    });
    link.addEventListener("focus", () => !isTouch && show(link));
    link.addEventListener("blur", hide);
    link.addEventListener("click", (event) => {
      if (!isTouch || shown === link) return;
      show(link);
      if (shown === link) event.preventDefault();
    });
  }
  addEventListener("keydown", (event) => event.key === "Escape" && hide());

  // What scrolls by itself is reached by keyboard, so it has a name.

  const width = (part) => (part.matches("span") ? part.querySelector("mjx-math")?.offsetWidth : part.scrollWidth);
  function nameWide() {
    const scrolling = [...document.querySelectorAll(".pst-scrollable-table-container, article span.math")];
    let number = 0;
    for (const part of scrolling) {
      if (!(width(part) > part.clientWidth + 1)) {
        for (const name of ["role", "aria-label", "tabindex"]) part.removeAttribute(name);
        continue;
      }
      number += 1;
      const name = part.matches(".math") ? book._("Formula {number}, wide", { number }) : book._("Table {number}, wide", { number });
      part.tabIndex = 0; // as the theme does for some of them
      part.setAttribute("role", "region");
      part.setAttribute("aria-label", name);
    }
  }
  addEventListener("load", nameWide);
  addEventListener("resize", nameWide);
  document.fonts.addEventListener("loadingdone", nameWide);
  addEventListener("toggle", nameWide, true); // what was folded had no width

  // Where one was

  const key = `place-${root.lang}`; // each edition has its own
  const isChapter = document.querySelector(".reading");
  if (isChapter) {
    const page = location.pathname.split("/").at(-1);
    addEventListener("pagehide", () => {
      const seen = passed();
      if (!seen) return;
      const place = { page, anchor: seen.closest("section").id, title: document.querySelector("h1").firstChild.textContent,
        section: seen.firstChild.textContent };
      book.store(key, JSON.stringify(place));
    });
  }
  const begin = document.querySelector(".begin p");
  const place = book.stored(key);
  if (begin && place) {
    const back = document.createElement("a");
    back.className = "continue";
    back.href = `${place.page}#${place.anchor}`;
    back.textContent = book._("Continue: {title}, “{section}”", place);
    begin.append(" ", back);
  }
});
