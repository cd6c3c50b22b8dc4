"""What axe finds wrong with a page for those who cannot see it well, or at all."""

import pytest

STILL = "*, *::before, *::after { transition: none !important; }"
RUN = """([context, options]) => axe.run(context, options).then(({ violations }) => violations
  .filter(({ impact }) => ['serious', 'critical'].includes(impact))
  .map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 120))]))"""


def begin_axe(page) -> None:
    """Once a page. Its colours change at once from now on."""
    axe = pytest.importorskip("axe_playwright_python.base", reason="axe is missing")
    page.evaluate(axe.AXE_SCRIPT)
    page.add_style_tag(content=STILL)


def find_serious(page, place: str = "body", exclude: tuple[str, ...] = ()) -> list[list]:
    """[theme, rule, the elements] in light and in dark of what is in a place.

    All rules in light; in dark nothing but colours differs. The page is left in light.
    """
    found = []
    for theme in ("light", "dark"):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
        options = {"resultTypes": ["violations"], "preload": False}  # no rule asks for it
        if theme == "dark":
            # Those of code are set when the page opens.
            options["runOnly"] = ["color-contrast"]
            exclude = (*exclude, ".cm-editor")
        context = {"include": [[place]], "exclude": [[one] for one in exclude]}
        found += [[theme, *rest] for rest in page.evaluate(RUN, [context, options])]
    page.evaluate("document.body.classList.remove('dark')")
    return found
