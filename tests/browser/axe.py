"""axe-core: the one that package-lock.json pins, where there is npm, or else the older copy of the Python wrapper."""

from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

FILE = Path(__file__).with_name("node_modules") / "axe-core" / "axe.min.js"

# Every rule there is, of any standard, and of those that are off by default too. What TeX draws is hidden from readers:
# axe gets an empty box in its place, which saves a quarter of the time. It knows no contrast on a gradient, so
# the shadows of what goes on to the side are taken away.
RUN = """async (part) => {
  const plain = document.createElement("style");
  plain.textContent = "article :is(pre, .math) { background-image: none !important }";
  document.head.append(plain);
  const formulas = [...document.querySelectorAll("mjx-math")].map((math) => {
    const { width, height } = math.getBoundingClientRect();
    const size = `width: ${width}px; height: ${height}px`;
    return { math, drawn: [...math.childNodes], size, style: math.style.cssText };
  });
  for (const { math, size } of formulas) {
    math.replaceChildren();
    math.style.cssText = `display: inline-block; ${size}`;
  }
  const rules = Object.fromEntries(axe.getRules().map(({ ruleId }) => [ruleId, { enabled: true }]));
  const context = part ? { include: [part], exclude: ["mjx-math"] } : { exclude: ["mjx-math"] };
  const options = { rules, resultTypes: ["violations"], selectors: false, preload: false };
  const { violations } = await axe.run(context, options);
  plain.remove();
  for (const { math, drawn, style } of formulas) {
    math.replaceChildren(...drawn);
    math.style.cssText = style;
  }
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
}"""


def violations(page: Page, part: str | None = None) -> list[str]:
    """List what axe finds on a page, or on a part of it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(FILE.read_text(encoding="utf-8") if FILE.exists() else AXE_SCRIPT)
    found: list[Any] = page.evaluate(RUN, part)
    return [str(violation) for violation in found]
