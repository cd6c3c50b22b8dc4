"""The capstone tab as a visitor uses it."""

import pytest


@pytest.fixture
def capstone(page, app_url):
    page.goto(app_url)
    page.get_by_role("tab", name="Capstone").click()
    page.locator("#capstone-table td").first.wait_for()
    return page


def test_the_shipped_three_are_shown_without_training(capstone, screenshot):
    assert capstone.locator("#capstone-film .stage").count() == 3
    assert capstone.locator("#capstone-table th", has_text="Too big").count() == 1
    capstone.locator("#capstone-findings", has_text="on fresh points").wait_for()
    capstone.locator("#capstone-contest li").first.wait_for()
    screenshot("capstone-wide")


def test_training_again_with_other_settings_changes_the_table_and_back(capstone):
    before = capstone.locator("#capstone-table").inner_text()
    capstone.locator("#capstone-settings").get_by_text("Settings").click()
    box = capstone.locator("#capstone-settings").get_by_label("Epochs")
    box.fill("30")
    box.press("Tab")
    capstone.locator("#capstone-train").click()
    capstone.locator("#capstone-status", has_text="Trained.").wait_for()
    assert capstone.locator("#capstone-table").inner_text() != before
    capstone.locator("#capstone-lesson").click()
    capstone.locator("#capstone-status", has_text="shipped weights").wait_for()
    capstone.wait_for_function(
        "text => document.querySelector('#capstone-table').innerText === text", arg=before
    )


def test_a_bad_setting_is_said_in_words(capstone):
    capstone.locator("#capstone-settings").get_by_text("Settings").click()
    box = capstone.locator("#capstone-settings").get_by_label("Noise")
    box.fill("99")
    box.press("Tab")
    capstone.locator("#capstone-train").click()
    capstone.locator("#capstone-status", has_text="dataset.noise: ").wait_for()


def test_a_sweep_grows_and_ends_in_findings(capstone, screenshot):
    capstone.get_by_text("Sweeps: one setting at many values").click()
    for label, value in (("Networks a value", "2"), ("Epochs", "20")):
        box = capstone.locator("#sweeps").get_by_label(label)
        box.fill(value)
        box.press("Tab")
    capstone.locator("#sweep-run").click()
    capstone.locator("#sweep-findings li").first.wait_for(timeout=120_000)
    assert capstone.locator("#sweep-chart polyline").count() == 7
    screenshot("capstone-sweep")
    with capstone.expect_download() as download:
        capstone.locator("#sweep-save").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 9
    assert lines[0].startswith("value,parameters,bayes_accuracy")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_overflows_on_a_phone(page, app_url, theme, screenshot):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}?__theme={theme}")
    page.get_by_role("tab", name="Capstone").click()
    page.locator("#capstone-table td").first.wait_for()
    page.wait_for_timeout(500)
    screenshot(f"capstone-390-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
