// Search: the sections and names that have every word of a query, accents aside; the best first, with the words in sight.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const MOST = 30;
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "");
  const stemmer = new Stemmer(); // of the language of the pages
  const known = new Map();
  function read(text) { // one word: its letters, and those of its stem
    if (!known.has(text)) known.set(text, { letters: plain(text), stem: plain(stemmer.stemWord(text)) });
    return known.get(text);
  }
  const split = (text) => (text.normalize("NFC").toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).map(read);
  const all = sections.map((section) => ({ section, words: section.slice(1, 4).map(split) }));
  const stems = new Map([...known.values()].map(({ letters, stem }) => [letters, stem]));
  // What is typed without its accents has the stem of the word that is written with them.
  const ask = (query) => split(query).map(({ letters, stem }) => ({ letters, stem: stems.get(letters) ?? stem }));

  // A word begins with what was asked for, or has its stem.
  const fits = (word, part) => word.letters.startsWith(part.letters) || word.stem === part.stem;
  const count = (words, part) => words.filter((word) => fits(word, part)).length;

  function score(asked, { section: [address, , , , isBehind], words: [inChapter, inTitle, inText] }) {
    let total = inTitle.length === asked.length && asked.every((part, i) => fits(inTitle[i], part)) ? 40 : 0;
    const name = asked.map(({ letters }) => letters).join("_");
    if (inTitle.at(-1)?.letters === name) total += 40; // the name itself, whatever module it is in
    for (const part of asked) {
      const found = 20 * Math.min(1, count(inTitle, part)) + Math.min(8, count(inText, part));
      if (found === 0 && count(inChapter, part) === 0) return 0;
      total += found + 2 * Math.min(1, count(inChapter, part));
    }
    return isBehind ? total / 4 : /^(\.\.\/)?api/.test(address) && total < 30 ? total / 3 : total; // chapters explain
  }

  // The sections that have every word, the best first.
  globalThis.search = (query) => {
    const asked = ask(query);
    const found = all.map((one) => [score(asked, one), one.section]).filter(([points]) => points > 0);
    return found.sort(([a], [b]) => b - a).map(([, section]) => section);
  };

  const results = document.getElementById("search-results");
  const query = new URLSearchParams(location.search).get("q") ?? "";
  for (const field of document.querySelectorAll("form.bd-search input")) field.value = query;
  const asked = ask(query);
  if (query.trim() === "") return;

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

  const found = search(query);
  const status = document.createElement("p");
  status.setAttribute("role", "status");
  const said = { query, count: found.length, most: MOST };
  status.textContent = found.length === 0 ? book._("Nothing in the book has all of “{query}”. Try fewer words, or their beginnings.", said)
    : found.length === 1 ? book._("One place with “{query}”", said)
      : found.length <= MOST ? book._("{count} places with “{query}”", said) : book._("{count} places with “{query}”; the best {most}", said);
  const list = document.createElement("ul");
  for (const [address, chapter, title, text] of found.slice(0, MOST)) {
    const link = Object.assign(document.createElement("a"), { href: address, textContent: title });
    const item = document.createElement("li");
    if (address.startsWith("../")) item.lang = "en";
    item.append(link);
    if (chapter !== title) item.append(Object.assign(document.createElement("span"), { className: "where", textContent: chapter }));
    item.append(snippet(text));
    list.append(item);
  }
  results.append(status, list);
});
