// Search: the sections and names that have every word of a query, accents aside; the best first, with the words in sight.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const MOST = 30;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const split = (text) => plain(text).match(/[\p{L}\p{N}_]+/gu) ?? [];
  const results = document.getElementById("search-results");
  const query = new URLSearchParams(location.search).get("q") ?? "";
  for (const field of document.querySelectorAll("form.bd-search input")) field.value = query;
  const asked = split(query);
  if (asked.length === 0) return;

  // A word begins with what was asked for, or is it without its plural s.
  const singular = (word) => (word.length > 3 ? word.replace(/s$/, "") : word);
  const fits = (word, part) => word.startsWith(part) || word === singular(part);
  const count = (words, part) => words.filter((word) => fits(word, part)).length;

  function score([address, chapter, title, text]) {
    const [inTitle, inChapter, inText] = [split(title), split(chapter), split(text)];
    let total = inTitle.length === asked.length && asked.every((part, i) => fits(inTitle[i], part)) ? 40 : 0;
    if (inTitle.at(-1) === asked.join("_")) total += 40; // the name itself, whatever module it is in
    for (const part of asked) {
      const found = 20 * Math.min(1, count(inTitle, part)) + Math.min(8, count(inText, part));
      if (found === 0 && count(inChapter, part) === 0) return 0;
      total += found + 2 * Math.min(1, count(inChapter, part));
    }
    const isBehind = /^(solutions|bibliography)|#(exercises|read-on)$/.test(address);
    return isBehind ? total / 4 : address.startsWith("api") && total < 30 ? total / 3 : total; // chapters explain
  }

  // About thirty words around the first that was asked for.
  function snippet(text) {
    const words = text.split(" ");
    const isAsked = (word) => split(word).some((one) => asked.some((part) => fits(one, part)));
    const first = Math.max(0, words.findIndex(isAsked) - 8);
    const shown = document.createElement("p");
    shown.className = "context";
    shown.append(first > 0 ? "… " : "");
    for (const word of words.slice(first, first + 30)) {
      const mark = document.createElement(isAsked(word) ? "mark" : "span");
      mark.textContent = word;
      shown.append(mark, " ");
    }
    shown.append(words.length > first + 30 ? "…" : "");
    return shown;
  }

  const found = sections.map((section) => [score(section), section]).filter(([points]) => points > 0);
  found.sort(([a], [b]) => b - a);
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const said = { query, count: found.length, most: MOST };
  status.textContent = found.length === 0 ? _("Nothing in the book has all of “{query}”. Try fewer words, or their beginnings.", said)
    : found.length === 1 ? _("One place with “{query}”", said)
      : found.length <= MOST ? _("{count} places with “{query}”", said) : _("{count} places with “{query}”; the best {most}", said);
  const list = document.createElement("ul");
  for (const [, [address, chapter, title, text]] of found.slice(0, MOST)) {
    const link = Object.assign(document.createElement("a"), { href: address, textContent: title });
    const item = document.createElement("li");
    item.append(link);
    if (chapter !== title) item.append(Object.assign(document.createElement("span"), { className: "where", textContent: chapter }));
    item.append(snippet(text));
    list.append(item);
  }
  results.append(status, list);
});
