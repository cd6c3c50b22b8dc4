"""What a link to the playground opens, and where Back leads."""

from tests.browser.playground.test_playground_browser import opened, text


def test_a_teachers_link_hides_controls(fresh, app_url):
    opened(fresh, app_url, "?hide=network,exercises")
    fresh.locator("#playground-stage .side").wait_for()
    assert not fresh.locator("#playground-stage .network-head .stepper").is_visible()
    assert not fresh.locator("#exercises").is_visible()
    # As long as whoever learns with it changes settings, and after a reload.
    fresh.click("#playground-stage [data-set=moons]")
    fresh.wait_for_function("location.search.includes('moons')")
    assert fresh.url.endswith("&hide=network,exercises")


def test_a_link_that_cannot_be_read_says_so_and_gives_the_usual_page(fresh, app_url):
    opened(fresh, app_url, "?training.epochs=many")
    assert "link could not be used" in text(fresh, "told")


def test_back_goes_from_tab_to_tab_and_restores_settings(fresh, app_url):
    opened(fresh, app_url)
    fresh.get_by_role("tab", name="Capstone").click()
    assert "tab=capstone" in fresh.url
    fresh.get_by_role("tab", name="Playground").click()
    fresh.click("#playground-stage [data-set=moons]")
    fresh.wait_for_function("location.search.includes('moons')")
    fresh.go_back()
    fresh.wait_for_selector("[role=tab][data-tab-id=capstone][aria-selected=true]")
    fresh.go_back()
    fresh.wait_for_selector("#playground-stage [data-set=blobs][aria-pressed=true]")
