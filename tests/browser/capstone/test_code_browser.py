"""The capstone's script on the page: closed at first, fetched once, readable, copied."""

import pytest

from classifiers.recipes.capstone.code import to_script
from tests.browser.capstone.worlds_page import WorldsPage

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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_code_opens_on_a_phone(page, app_url, theme, screenshot):
    page.set_viewport_size({"width": 390, "height": 844})
    WorldsPage(page).open(f"{app_url}?__theme={theme}")
    assert not part(page, "box").is_visible()
    assert part(page, "code").inner_text() == ""
    part(page, "open").click()
    page.wait_for_selector(f"{CODE} pre:text('make_moons')")
    screenshot(page, f"capstone-code-390-{theme}")
    assert page.evaluate(SIDEWAYS) <= 0
    box = part(page, "code").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["height"] <= 450
    for name in ("open", "copy", "code"):
        assert part(page, name).evaluate(CONTRAST) >= 4.5
    for note in page.locator(f"{CODE} :is(.note, p > span:not([role]))").all():
        assert note.evaluate(CONTRAST) >= 4.5
    for name in ("open", "copy"):
        assert part(page, name).bounding_box()["height"] >= 38


def test_the_code_is_fetched_once_and_copied(page, app_url):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    WorldsPage(page).open(app_url)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "join" in request.url else None)
    button = part(page, "open")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{CODE} pre:text('make_moons')")
    assert len(asked) == 1
    assert button.get_attribute("aria-expanded") == "true"
    assert part(page, "code").evaluate("(e) => e.textContent") == to_script()
    part(page, "copy").click()
    page.wait_for_selector(f"{CODE} [data-part=said]:text('Copied')")
    assert page.evaluate("navigator.clipboard.readText()") == to_script()
    button.click()
    assert not part(page, "box").is_visible()
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    part(page, "code").wait_for()
    assert len(asked) == 1


def test_where_copying_is_forbidden_the_code_is_selected(page, app_url):
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard',"
        " { value: { writeText: () => Promise.reject(new Error('no')) } });"
    )
    WorldsPage(page).open(app_url)
    part(page, "open").click()
    page.wait_for_selector(f"{CODE} pre:text('make_moons')")
    part(page, "copy").click()
    page.wait_for_selector(f"{CODE} [data-part=said]:text('keyboard')")
    assert page.evaluate("getSelection().toString()").strip() == to_script().strip()
