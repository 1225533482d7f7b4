// A figure to try is as large as its slide lets it be, and what is too large for a slide becomes smaller.
function fit(section) {
  const isTooHigh = () => section.scrollHeight > section.clientHeight + 1;
  for (const figure of section.querySelectorAll("[settings]")) {
    figure.style.zoom = 1.6;
    while (isTooHigh() && figure.style.zoom > 0.6) figure.style.zoom -= 0.05;
  }
  const body = section.querySelector(".body");
  body.style.zoom = 1;
  while (isTooHigh() && body.style.zoom > 0.5) body.style.zoom -= 0.05;
}
const isPrint = location.search.includes("print-pdf");
Reveal.on("ready", () => {
  for (const section of isPrint ? document.querySelectorAll(".slides section") : [Reveal.getCurrentSlide()]) fit(section);
});
Reveal.on("slidechanged", ({ currentSlide }) => fit(currentSlide));
Reveal.initialize({
  width: 1200,
  height: 675,
  margin: 0.04,
  center: false,
  hash: true,
  slideNumber: "c/t",
  transition: "none",
  pdfSeparateFragments: false,
  pdfMaxPagesPerSlide: 1,
  keyboardCondition: () => !document.activeElement?.matches("[settings]"), // whose keys these are then
  plugins: [RevealNotes],
});
