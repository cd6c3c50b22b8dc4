"""The capstone's script on the page: closed at first, fetched once, readable, copied."""

import pytest

from classifiers.recipes.capstone.code import to_script
from tests.browser.capstone.worlds_page import WorldsPage
from tests.conftest import in_window

CODE = "#capstone-code"
SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
# The contrast of a text with what is behind it (WCAG 2.2, 1.4.3); what is clear lets through.
CONTRAST = """(e) => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = rgb(colour).map((v) => v / 255)
      .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  let behind = e;
  while (rgb(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const both = [getComputedStyle(e).color, getComputedStyle(behind).backgroundColor].map(light);
  return (Math.max(...both) + .05) / (Math.min(...both) + .05);
}"""


def part(page, name):
    return page.locator(f'{CODE} [data-part="{name}"]')


@pytest.fixture(scope="module")
def opened(shared_page, app_url):
    shared_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    WorldsPage(shared_page).open(app_url)
    return shared_page


@pytest.fixture
def code(opened):
    """The page with the code on show, fetched by whichever test comes first."""
    part(opened, "open").click()
    opened.wait_for_selector(f"{CODE} pre:text('make_moons')")
    yield opened
    part(opened, "open").click()


def test_the_code_is_closed_at_first_then_fetched_once_and_copied(opened):
    assert not part(opened, "box").is_visible()
    assert part(opened, "code").inner_text() == ""
    asked = []
    opened.on("request", lambda r: asked.append(r.url) if "join" in r.url else None)
    button = part(opened, "open")
    button.focus()
    opened.keyboard.press("Enter")
    opened.wait_for_selector(f"{CODE} pre:text('make_moons')")
    assert len(asked) == 1
    assert button.get_attribute("aria-expanded") == "true"
    assert part(opened, "code").evaluate("(e) => e.textContent") == to_script()
    part(opened, "copy").click()
    opened.wait_for_selector(f"{CODE} [data-part=said]:text('Copied')")
    assert opened.evaluate("navigator.clipboard.readText()") == to_script()
    button.click()
    assert not part(opened, "box").is_visible()
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    part(opened, "code").wait_for()
    assert len(asked) == 1
    button.click()


def check_contrast(code) -> None:
    parts = ", ".join(f'[data-part="{name}"]' for name in ("open", "copy", "code"))
    texts = f"{CODE} :is({parts}, .note, p > span:not([role]))"
    told = code.locator(texts).evaluate_all(f"(all) => all.map({CONTRAST})")
    assert len(told) > 3
    assert min(told) >= 4.5


def test_the_code_fits_a_phone_and_is_readable_in_both_themes(code, screenshot):
    with in_window(code, 390, 844):
        screenshot(code, "capstone-code-390")
        assert code.evaluate(SIDEWAYS) <= 0
        box = part(code, "code").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["height"] <= 450
        for name in ("open", "copy"):
            assert part(code, name).bounding_box()["height"] >= 38
        check_contrast(code)
        with in_window(code, 390, 844, "dark"):
            check_contrast(code)


def test_where_copying_is_forbidden_the_code_is_selected(code):
    code.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { configurable: true,"
        " value: { writeText: () => Promise.reject(new Error('no')) } })"
    )
    part(code, "copy").click()
    code.wait_for_selector(f"{CODE} [data-part=said]:text('keyboard')")
    assert code.evaluate("getSelection().toString()").strip() == to_script().strip()
    code.evaluate("delete navigator.clipboard")
