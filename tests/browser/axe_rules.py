"""What axe finds wrong with a page for those who cannot see it well, or at all."""

import pytest

STILL = "*, *::before, *::after { transition: none !important; }"
RUN = """([context, options]) => axe.run(context, options).then(({ violations }) => violations
  .filter(({ impact }) => ['serious', 'critical'].includes(impact))
  .map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))]))"""
# Four fifths of what axe costs are contrasts. Of texts that are alike to their roots in their tags,
# classes and computed colours, as the cells of a table are, it looks at the first and the last.
CONTRASTS = """axe.configure({ rules: [{ id: 'color-contrast', selector: '[data-contrast]' }] });
window.markTexts = (place) => {
  const numbers = new Map();
  const numberOf = (said) => numbers.get(said) ?? numbers.set(said, numbers.size + 1).size;
  const grounds = new Map();
  const groundOf = (e) => {
    if (!e) return 0;
    if (!grounds.has(e)) {
      const { backgroundColor, backgroundImage, opacity, filter, position } = getComputedStyle(e);
      grounds.set(e, numberOf([groundOf(e.parentElement), e.tagName, e.getAttribute('class'),
        backgroundColor, backgroundImage, opacity, filter, position].join()));
    }
    return grounds.get(e);
  };
  const alike = new Map();
  for (const e of document.querySelectorAll(`${place}, ${place} *`)) {
    delete e.dataset.contrast;
    const box = e.matches('input, textarea, select');
    const says = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    if (!(box || says) || !e.checkVisibility({ visibilityProperty: true })) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(e);
    const look = [groundOf(e), color, fontSize, fontWeight, textShadow, e.disabled, box && e.type];
    const key = look.join();
    alike.set(key, { first: e, ...alike.get(key), last: e });
  }
  for (const ends of alike.values()) {
    for (const e of Object.values(ends)) e.dataset.contrast = '';
  }
};"""


def begin_axe(page) -> None:
    """Once a page. Its colours change at once from now on."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe is missing")
    page.evaluate(axe.AXE_SCRIPT)
    page.evaluate(CONTRASTS)
    page.add_style_tag(content=STILL)


def find_serious(page, place: str = "body", exclude: tuple[str, ...] = ()) -> list[list]:
    """[theme, rule, the elements] in light and in dark of what is in a place.

    All rules in light; in dark nothing but colours differs. The page is left in light.
    """
    found = []
    for theme in ("light", "dark"):
        page.evaluate(
            "([d, place]) => { document.body.classList.toggle('dark', d); markTexts(place); }",
            [theme == "dark", place],
        )
        options = {"resultTypes": ["violations"], "preload": False}  # no rule asks for it
        if theme == "dark":
            # Those of code are set when the page opens.
            options["runOnly"] = ["color-contrast"]
            exclude = (*exclude, ".cm-editor")
        context = {"include": [[place]], "exclude": [[one] for one in exclude]}
        found += [[theme, *rest] for rest in page.evaluate(RUN, [context, options])]
    page.evaluate("document.body.classList.remove('dark')")
    return found
