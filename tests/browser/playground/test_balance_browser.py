"""The slider of class A's share: what it says, what it sets, and where there is none."""

from tests.browser.playground.test_playground_browser import at, data, opened, press, setting, text

FIELD = "#playground-stage [data-path='dataset.balance']"


def slide(page, value: float):
    """Moves the slider as a visitor's hand or keys do, and tells what then stands beside it."""
    slider = setting(page, "dataset.balance")
    slider.evaluate("""(input, value) => {
      input.value = value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }""", value)  # fmt: skip
    return page.inner_text(f"{FIELD} b")


def test_a_share_is_set_by_a_slider_whose_low_end_is_none(page, app_url, screenshot):
    opened(page, app_url, "?dataset.name=moons")
    assert page.inner_text(f"{FIELD} b") == "even"
    assert setting(page, "dataset.balance").get_attribute("aria-valuetext") == "even"
    assert slide(page, 0.15) == "15 %"
    page.wait_for_function("location.search.includes('dataset.balance=0.15')")
    at(page, "ready")
    screenshot(page, "playground-share")
    at(press(page, "step"), "paused", reached=1)
    assert slide(page, 0.9) == "90 %"
    at(page, "stale")
    assert "Share of class A 15 % → 90 %" in text(page, "differs")
    assert slide(page, 0) == "even"
    page.wait_for_function("!location.search.includes('balance')")
    assert "Share of class A 15 % → even" in text(page, "differs")
    assert slide(page, 0.15) == "15 %"
    at(page, "paused", reached=1)  # back at the run that is there
    page.wait_for_function("location.search.includes('dataset.balance=0.15')")
    page.reload()
    page.locator(f"{FIELD} b", has_text="15 %").wait_for()


def test_own_points_have_no_share(page, app_url):
    opened(page, app_url, "?dataset.name=moons&dataset.balance=0.2")
    page.locator(FIELD).wait_for()
    page.click("#playground-stage [data-set=points]")
    page.locator(FIELD).wait_for(state="hidden")
    page.wait_for_function("location.search.includes('dataset.points')")
    assert "balance" not in page.evaluate("location.search")
    at(press(page, "step"), "paused", reached=1)
    assert data(page, "epoch") == "1"
