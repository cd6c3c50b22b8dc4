"""The slider of class A's share: what it says, what it sets, and where there is none."""

from tests.browser.playground.test_playground_browser import at, opened, press, setting, text

FIELD = "#playground-stage [data-path='dataset.balance']"


def slide(page, value: float):
    """Moves the slider as a visitor's hand or keys do, and tells what then stands beside it."""
    slider = setting(page, "dataset.balance")
    slider.evaluate("""(input, value) => {
      input.value = value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    }""", value)  # fmt: skip
    return page.inner_text(f"{FIELD} b")


def test_a_share_is_set_by_a_slider_whose_low_end_is_none(fresh, app_url, screenshot):
    opened(fresh, app_url, "?dataset.name=moons")
    assert fresh.inner_text(f"{FIELD} b") == "even"
    assert setting(fresh, "dataset.balance").get_attribute("aria-valuetext") == "even"
    assert slide(fresh, 0.15) == "15 %"
    fresh.wait_for_function("location.search.includes('dataset.balance=0.15')")
    at(fresh, "ready")
    screenshot(fresh, "playground-share")
    at(press(fresh, "step"), "paused", reached=1)
    assert slide(fresh, 0.9) == "90 %"
    at(fresh, "stale")
    assert "Share of class A 15 % → 90 %" in text(fresh, "differs")
    assert slide(fresh, 0) == "even"
    fresh.wait_for_function("!location.search.includes('balance')")
    assert "Share of class A 15 % → even" in text(fresh, "differs")
    assert slide(fresh, 0.15) == "15 %"
    at(fresh, "paused", reached=1)  # back at the run that is there
    fresh.wait_for_function("location.search.includes('dataset.balance=0.15')")
    # Own points have none.
    fresh.click("#playground-stage [data-set=points]")
    fresh.locator(FIELD).wait_for(state="hidden")
    fresh.wait_for_function("location.search.includes('dataset.points')")
    assert "balance" not in fresh.evaluate("location.search")
