"""Worlds that are trained for a visitor: beyond those that ship, and under own settings."""

import re

import pytest

from classifiers.config import CapstoneConfig
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.live import draw_world_live
from classifiers.turns import play
from tests.browser.capstone.worlds_page import WORLDS, WorldsPage, network, shipped

LONG = 200_000  # milliseconds, on a busy machine


@pytest.fixture(scope="module")
def opened(shared_page, app_url):
    return WorldsPage(shared_page).open(app_url)


@pytest.fixture
def worlds(opened):
    """The lesson's first world on show, own settings as they are at first."""
    yield opened
    opened.part("rule").select_option("own")
    opened.part("settings").get_by_role("button", name="Back to the lesson").click()
    opened.part("rule").select_option("lesson")
    opened.settle(rule="lesson")


def fill(worlds: WorldsPage, key: str, value: object) -> None:
    box = worlds.page.locator(f'[data-key="{key}"]')
    box.fill(str(value))
    box.press("Tab")


def phase(worlds: WorldsPage, *names: str) -> None:
    either = ", ".join(f'{WORLDS}[data-phase="{name}"]' for name in names)
    worlds.page.locator(either).wait_for(timeout=LONG)


def own(worlds: WorldsPage, **settings: object) -> WorldsPage:
    worlds.part("rule").select_option("own")
    for key, value in settings.items():
        fill(worlds, key.replace("__", "."), value)
    return worlds


def test_own_settings_give_the_worlds_that_a_script_draws(worlds, screenshot):
    own(worlds, dataset__samples=60, training__epochs=6)
    assert "made by another rule" in worlds.text("run")
    config = CapstoneConfig.parse({"dataset": {"samples": 60}, "training": {"epochs": 6}})
    for k in range(2):
        if k:
            worlds.page.wait_for_timeout(1_100)  # sooner, a press is taken for one that came late
        worlds.part("draw").click()
        worlds.page.locator(f'{WORLDS}[data-state="ready"][data-world="{k}"][data-drawn="{k + 1}"]'
                            '[data-rule="own"]').wait_for(timeout=LONG)  # fmt: skip
        *_, world = play(draw_world_live(config, k))
        for name in NAMES:
            told = worlds.read(name)["numbers"]
            for part in ("train", "test", "fresh"):
                value = world.scores[network(name), SCORES.index(f"{part}_accuracy"), -1]
                assert told[part] == f"{100 * value:.1f} %"
    assert re.search(r"In \d of 2 worlds", worlds.text("run"))
    assert worlds.text("status") == "Trained: world 2."
    screenshot(worlds.page, "capstone-own")
    # Back to the lesson's: its pile is as it was left.
    worlds.part("rule").select_option("lesson")
    worlds.settle(rule="lesson", drawn=1, world=0)


def press_at_once(worlds) -> None:
    """Without waiting until a busy page stands still: that may be after the training's end."""
    worlds.part("draw").click(force=True)


# What the button says, and how far its bar has come, from the left.
BAR = """(button) => {
  const [bar, whole] = [button.querySelector('.progress'), button].map((one) =>
    one.getBoundingClientRect());
  const said = button.querySelector('[data-part=draw-text]').textContent;
  return [said, (bar.right - whole.left) / whole.width];
}"""


def test_beyond_the_shipped_worlds_one_is_trained_stopped_and_gone_on_with(worlds, screenshot):
    pile = shipped("hard")  # its worlds are trained in a tenth of the time
    worlds.part("rule").select_option("hard")
    worlds.settle(rule="hard")
    worlds.draw_all(pile)
    worlds.part("draw").click()
    worlds.page.locator(f'{WORLDS}[data-state="growing"]').wait_for(timeout=LONG)
    phase(worlds, "training")
    told, share = worlds.part("draw").evaluate(BAR)
    percent = re.match(r"Stop, (\d+) % trained", told)
    assert percent
    assert abs(share - int(percent[1]) / 100) <= 0.01
    assert worlds.text("run").startswith(f"World {len(pile.worlds) + 1} is being trained")
    assert worlds.page.locator("#capstone-save").is_disabled()
    press_at_once(worlds)
    phase(worlds, "paused")
    screenshot(worlds.page, "capstone-growing")
    assert worlds.text("status").startswith("Stopped: too small ")
    assert worlds.text("draw-text") == "Resume"
    worlds.part("anew").wait_for()
    reached = worlds.text("status")
    worlds.page.wait_for_timeout(600)
    assert worlds.text("status") == reached
    worlds.part("draw").click()
    phase(worlds, "training", "scoring", "done")
    worlds.settle(drawn=len(pile.worlds) + 1, world=len(pile.worlds))
    assert f"of {len(pile.worlds) + 1} worlds" in worlds.text("run")
    assert not worlds.part("anew").is_visible()
    assert worlds.text("draw-text") == "Draw the world again"


def test_a_stopped_run_can_be_started_anew_and_left(worlds):
    own(worlds, training__epochs=3000)
    worlds.part("draw").click()
    phase(worlds, "training")
    press_at_once(worlds)
    phase(worlds, "paused")
    fill(worlds, "training.epochs", 5)
    worlds.part("anew").click()
    worlds.settle(rule="own", drawn=1)
    assert worlds.text("epoch") == "5"
    worlds.page.wait_for_timeout(1_100)
    worlds.part("draw").click()
    phase(worlds, "training", "scoring", "done")
    worlds.part("rule").select_option("lesson")
    worlds.settle(rule="lesson", world=0)
    assert worlds.says("phase") == "none"
    assert worlds.text("status") == ""


def test_a_refused_setting_names_field_and_fix_until_it_is_put_right_and_is_then_trained(worlds):
    own(worlds, dataset__noise=99)
    wrong = worlds.page.locator("#capstone-dataset-noise-wrong")
    wrong.filter(has_text="20").wait_for()
    assert worlds.page.locator('[data-key="dataset.noise"]').get_attribute("aria-invalid") == "true"
    worlds.part("draw").click()
    phase(worlds, "refused")
    assert wrong.inner_text()
    assert worlds.part("draw").is_enabled()
    fill(worlds, "dataset.noise", 0.2)
    worlds.page.wait_for_function(
        "!document.querySelector('#capstone-dataset-noise-wrong').textContent"
    )
    assert worlds.page.locator("[aria-invalid]").count() == 0
    assert worlds.text("trouble") == ""
    fill(worlds, "training.epochs", 5)
    # Stopped in the moment it is begun, a world is gone on with.
    worlds.part("draw").evaluate("(draw) => { draw.click(); draw.click(); }")
    phase(worlds, "paused")
    worlds.page.wait_for_timeout(1000)
    assert worlds.says("phase") == "paused"
    assert worlds.text("draw-text") == "Resume"
    worlds.part("draw").click()
    worlds.settle(rule="own", drawn=1)
    assert worlds.text("epoch") == "5"
