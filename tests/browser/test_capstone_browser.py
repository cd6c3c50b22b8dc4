"""The capstone tab as a visitor uses it."""

import csv
import json

import pytest

from tests.browser.saved_charts import check_saved_charts
from tests.conftest import ROOT

FILM = "#capstone-film .film"
SWEEPS = ("width", "weight_decay", "dropout", "samples", "noise")


def opened(page, app_url):
    page.goto(app_url)
    page.get_by_role("tab", name="Capstone").click()
    page.locator("#capstone-table td").first.wait_for()
    return page


@pytest.fixture
def capstone(page, app_url):
    return opened(page, app_url)


@pytest.fixture(scope="module")
def shipped(shared_page, app_url):
    """The tab as it opens, for tests that train nothing."""
    return opened(shared_page, app_url)


def test_the_shipped_three_are_shown_without_training(shipped, screenshot):
    assert shipped.locator("#capstone-film .stage").count() == 3
    assert shipped.locator("#capstone-table th", has_text="Too big").count() == 1
    shipped.locator("#capstone-findings", has_text="on fresh points").wait_for()
    shipped.locator("#capstone-contest li").first.wait_for()
    shipped.locator("#optimism-chart circle").first.wait_for()
    assert shipped.locator("#optimism tbody td").count() == 9
    shipped.locator("#sweep-chart svg").first.wait_for()
    screenshot(shipped, "capstone-wide")


def saved(page, button: str) -> list[list[str]]:
    with page.expect_download() as download:
        page.locator(button).click()
    return list(csv.reader(download.value.path().read_text().splitlines()))


def test_the_table_is_saved_with_all_its_digits(shipped):
    header, *rows = saved(shipped, "#capstone-save")
    assert [row[0] for row in rows] == ["underfit", "overfit", "good"]
    for row in rows:
        stored = json.loads((ROOT / "weights" / "capstone" / row[0] / "metadata.json").read_text())
        metrics = stored["evaluation"]["result"]["metrics"]
        told = dict(zip(header, row, strict=True))
        for name in ("train_accuracy", "test_accuracy", "fresh_accuracy", "test_loss"):
            assert float(told[name]) == metrics[name]
        low, high = metrics["test_accuracy_interval"]
        assert (float(told["test_accuracy_low"]), float(told["test_accuracy_high"])) == (low, high)


def test_every_shipped_sweep_is_shown_at_once(shipped):
    names = [
        "Width of the hidden layers", "Weight decay of the big network", "Dropout",
        "Number of points", "Noise of the points",
    ]  # fmt: skip
    for key, name in zip(SWEEPS, names, strict=True):
        record = json.loads((ROOT / "weights/capstone/records" / f"{key}.json").read_text())
        shipped.get_by_label("What to vary").click()
        shipped.get_by_role("option", name=name).click()
        shipped.locator("#sweep-chart svg text.name", has_text=name).first.wait_for()
        # Two bands and four lines of accuracy, the best possible among them; as many less of loss.
        assert shipped.locator("#sweep-chart polygon").count() == 4
        assert shipped.locator("#sweep-chart polyline").count() == 7
        assert shipped.locator("#sweep-chart .line.limit").count() == 1
        rows = saved(shipped, "#sweep-save")
        assert len(rows) == 1 + len(record["record"]["rows"])
        shipped.locator("#sweep-findings li").first.wait_for()


@pytest.mark.parametrize(("name", "charts"), [("sweep", 2), ("optimism", 1)])
def test_charts_are_saved_as_they_look(shipped, name, charts):
    chart = shipped.locator(f"#{name}-chart")
    chart.locator("svg").first.wait_for()
    check_saved_charts(shipped, chart, name, charts)


def test_the_ways_to_stop_are_saved_with_all_their_digits(shipped):
    shipped.locator("#optimism-chart circle").first.wait_for()
    stored = json.loads((ROOT / "weights/capstone/records/optimism.json").read_text())["record"]
    header, *rows = saved(shipped, "#optimism-save")
    assert [row[0] for row in rows] == ["test", "validation", "none"]
    for row in rows:
        told, way = dict(zip(header, row, strict=True)), stored["ways"][row[0]]
        assert float(told["optimism"]) == way["optimism"]["mean"]
        assert [float(told["optimism_low"]), float(told["optimism_high"])] == (
            way["optimism"]["interval"]
        )


def shown(page) -> dict:
    return page.evaluate(f"() => ({{...document.querySelector('{FILM}').dataset}})")


def fill(page, section: str, label: str, value: str) -> None:
    box = page.locator(section).get_by_label(label)
    box.fill(value)
    box.press("Tab")


def lengthen(page) -> None:
    """So that a run is still under way when a slow browser has pressed the button to stop it."""
    page.locator("#capstone-settings").get_by_text("Settings").click()
    fill(page, "#capstone-settings", "Epochs", "6000")


def stop_run(page) -> None:
    """Presses the button in the page itself: a click from outside waits until a busy page stands
    still, and the run may be over by then."""
    page.wait_for_function(
        f"() => {{ const film = document.querySelector('{FILM}').dataset;"
        " const now = film.state === 'running' && film.frames > 1;"
        " if (now) document.querySelector('#capstone-train').click(); return now; }",
        timeout=60_000,
    )


def test_a_run_is_stopped_and_goes_on_where_it_was(capstone, screenshot):
    button, status = capstone.locator("#capstone-train"), capstone.locator("#capstone-status")

    def table() -> str:
        status.filter(has_text="Trained.").wait_for(timeout=200_000)
        button.filter(has_text="Train the three again").wait_for()
        assert not capstone.locator("#capstone-anew").is_visible()
        return capstone.locator("#capstone-table table").inner_text()

    lengthen(capstone)
    button.click()
    stop_run(capstone)
    button.filter(has_text="Resume").wait_for(timeout=60_000)
    status.filter(has_text="Stopped: too small").wait_for()
    capstone.wait_for_function(f"document.querySelector('{FILM}').dataset.state === 'stopped'")
    before = int(shown(capstone)["frames"])
    screenshot(capstone, "capstone-stopped")
    capstone.wait_for_timeout(500)
    assert int(shown(capstone)["frames"]) == before
    assert capstone.locator("#capstone-anew").is_visible()
    button.click()
    capstone.wait_for_function(f"document.querySelector('{FILM}').dataset.state !== 'stopped'")
    assert int(shown(capstone)["frames"]) >= before
    halting = table()
    # For a second after the end a press is taken for one that came too late to stop it.
    capstone.wait_for_timeout(1_100)
    button.click()
    button.filter(has_text="Stop").wait_for()
    assert table() == halting


def test_a_stopped_run_can_be_started_anew_and_left(capstone):
    lengthen(capstone)
    capstone.locator("#capstone-train").click()
    button = capstone.locator("#capstone-train")
    stop_run(capstone)
    button.filter(has_text="Resume").wait_for(timeout=60_000)
    fill(capstone, "#capstone-settings", "Epochs", "30")
    capstone.locator("#capstone-anew").click()
    capstone.locator("#capstone-status", has_text="Trained.").wait_for(timeout=60_000)
    # The player reads its message after the sentence is there.
    capstone.wait_for_function(f"+document.querySelector('{FILM}').dataset.epoch <= 30")


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
    capstone.locator("#sweep-own").get_by_text("Run it yourself").click()
    fill(capstone, "#sweep-own", "Networks a value", "2")
    fill(capstone, "#sweep-own", "Epochs", "20")
    capstone.locator("#sweep-run").click()
    capstone.locator("#sweep-status", has_text="Done.").wait_for(timeout=120_000)
    capstone.locator("#sweep-findings li").first.wait_for()
    assert capstone.locator("#sweep-chart polyline").count() == 7
    screenshot(capstone, "capstone-sweep")
    header, *rows = saved(capstone, "#sweep-save")
    assert len(rows) == 8
    assert header[:3] == ["value", "parameters", "bayes_accuracy"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_overflows_on_a_phone(page, app_url, theme, screenshot):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{app_url}?__theme={theme}")
    page.get_by_role("tab", name="Capstone").click()
    page.locator("#capstone-table td").first.wait_for()
    page.wait_for_timeout(500)
    screenshot(page, f"capstone-390-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
