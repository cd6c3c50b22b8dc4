"""The page at 200 % zoom, as WCAG asks for it: a screen of 1440 by 900 has half as many pixels.

And what is full on a tablet, a phone, and at 400 %.
"""

import pytest

from tests.browser.heart.explorer_page import open_tab
from tests.browser.playground.test_playground_browser import STAGE, at, opened, press
from tests.conftest import in_window

SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
# Controls in sight that something else lies over, or that stand off the screen, once scrolled to.
COVERED = """async () => {
  const found = [];
  const all = 'button, input:not([type=file]), select, summary, a[href], [tabindex="0"]';
  for (const control of document.querySelectorAll(all)) {
    // Gradio measures its tabs by copies of them, which nobody reaches.
    const seen = control.checkVisibility({ visibilityProperty: true });
    if (control.disabled || control.tabIndex < 0 || !seen) continue;
    control.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
    const { left, top, width, height } = control.getBoundingClientRect();
    if (width < 3 || height < 3) continue; // its label stands for it
    const [x, y] = [left + width / 2, top + Math.min(height, innerHeight) / 2];
    const hit = document.elementFromPoint(x, y);
    const label = hit?.closest('label');
    const inside = left >= -1 && left + width <= innerWidth + 1;
    const free = hit && (control.contains(hit) || hit.contains(control)
      || label?.control === control || label?.contains(control));
    if (!free || !inside) {
      found.push(`${control.outerHTML.slice(0, 90)} under ${hit?.outerHTML.slice(0, 60)}`);
    }
  }
  window.scrollTo(0, 0);
  return found;
}"""


@pytest.fixture(scope="module")
def zoomed(browser, app_url):
    context = browser.new_context(
        viewport={"width": 720, "height": 450}, device_scale_factor=2, reduced_motion="reduce"
    )
    page = opened(context.new_page(), app_url)
    yield page
    context.close()


def check(page) -> None:
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(COVERED) == []
    assert page.evaluate(SIDEWAYS) <= 0


def test_the_playground_is_played(zoomed, screenshot):
    zoomed.get_by_role("tab", name="Playground").click()
    check(zoomed)
    at(press(zoomed, "step"), "paused", reached=1)
    picture = zoomed.locator(f"{STAGE} [data-part=picture] canvas").first.bounding_box()
    assert picture["width"] >= 300
    screenshot(zoomed, "zoom-playground")
    zoomed.locator(f"{STAGE} [data-part=more-fold] > summary").click()
    press(zoomed, "exercises-open")
    check(zoomed)
    press(zoomed, "exercises-close")


@pytest.mark.parametrize("name", ["Patient", "Threshold", "Table", "Lessons", "Record"])
def test_the_heart_tab_is_read(zoomed, name, screenshot):
    zoomed.get_by_role("tab", name="Heart").click()
    open_tab(zoomed, name)
    ready = {"Patient": '#patient[data-patient="now"]', "Table": "#patients-file",
             "Threshold": '#explorer .explorer[data-state="ok"]', "Lessons": "#heart-lessons h2",
             "Record": "#heart-record h3"}  # fmt: skip
    zoomed.locator(ready[name]).first.wait_for()
    screenshot(zoomed, f"zoom-{name.lower()}")
    check(zoomed)
    if name == "Patient":
        with in_window(zoomed, 320, 844):
            check(zoomed)


def test_the_capstone_is_drawn_and_swept(zoomed, screenshot):
    zoomed.get_by_role("tab", name="Capstone").click()
    zoomed.locator("#sweeps .board svg").wait_for()
    zoomed.locator(".worlds[data-state=ready]").wait_for()
    zoomed.locator("#sweeps [data-part=own] > summary").click()
    screenshot(zoomed, "zoom-capstone")
    check(zoomed)


def test_four_layers_have_their_buttons_on_any_screen(zoomed, app_url):
    opened(zoomed, app_url, "?network.widths=[8,8,8,8]")
    for width in (1000, 390, 320):
        with in_window(zoomed, width, 844):
            zoomed.wait_for_timeout(300)  # it is drawn anew for its width
            check(zoomed)
