"""Worlds that are trained for a visitor under own settings are those that a script draws."""

import re

from classifiers.config import CapstoneConfig
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES
from classifiers.recipes.capstone.worlds.live import draw_world_live
from classifiers.turns import play
from tests.browser.capstone.worlds_page import WORLDS, WorldsPage, network

LONG = 200_000  # milliseconds, on a busy machine


def test_own_settings_give_the_worlds_that_a_script_draws(shared_page, app_url, screenshot):
    worlds = WorldsPage(shared_page).open(app_url)
    worlds.part("rule").select_option("own")
    for key, value in {"dataset.samples": "60", "training.epochs": "6"}.items():
        box = worlds.page.locator(f'[data-key="{key}"]')
        box.fill(value)
        box.press("Tab")
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
    worlds.part("settings").get_by_role("button", name="Back to the lesson").click()
    # Back to the lesson's: its pile is as it was left.
    worlds.part("rule").select_option("lesson")
    worlds.settle(rule="lesson", drawn=1, world=0)
