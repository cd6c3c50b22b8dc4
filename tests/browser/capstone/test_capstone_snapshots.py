"""The Capstone tab, whole, as it opens and after each press."""

from tests.browser.capstone.sweeps_page import choose, open_tab, part
from tests.browser.capstone.worlds_page import WORLDS, WorldsPage

LOOKED_AT = ("width", "weight_decay", "optimizer", "parameters_per_point")


def slide(place, value: int) -> None:
    place.evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )


def test_worlds(page_snapshots, fresh, app_url):
    seen = page_snapshots("capstone-worlds", WORLDS)
    worlds = WorldsPage(fresh).open(app_url)
    seen.look("opened")
    worlds.draw()
    seen.look("another world")
    worlds.part("more").click()
    worlds.settle(drawn=22)
    seen.look("20 more")
    for show in ("points", "best", "others", "regret"):
        fresh.locator(f'{WORLDS} [data-show="{show}"]').click()
    seen.look("all is shown, but points")
    plots = fresh.locator(f"{WORLDS} .plots").first
    plots.press("Home")
    seen.look("its beginning")
    plots.press("End")
    fresh.locator(f"{WORLDS} .strip-of-worlds").first.press("Home")
    worlds.settle(world=0)
    seen.look("the first world")
    slide(worlds.part("size"), 3)
    seen.look("more test points")
    slide(worlds.part("temperature"), 9)
    seen.look("a temperature")
    fresh.locator(f"{WORLDS} .numbers > summary").click()
    seen.look("table")
    seen.look_at_file("table saved", worlds.part("save").click)
    worlds.part("rule").select_option("hard")
    worlds.settle(drawn=1)
    seen.look("harder moons")


def test_sweeps(page_snapshots, fresh, app_url):
    seen = page_snapshots("capstone-sweeps", "#sweeps")
    open_tab(fresh, app_url)
    for over in LOOKED_AT:  # the dots of the others are held against their records
        choose(fresh, over)
        seen.look(over)
    choose(fresh, LOOKED_AT[0])
    fresh.locator('#sweeps [data-measure="loss"]').click()
    seen.look("loss")
    fresh.locator('#sweeps [data-measure="accuracy"]').click()
    seen.look_at_file("saved", part(fresh, "csv").click)
    seen.look_at_file("charts saved", fresh.locator('#sweeps [data-save="svg"]').click)
    fresh.locator('#sweeps button[data-kind="two"]').click()
    fresh.locator("#sweeps .board .cell").first.wait_for()
    seen.look("two at once")
    fresh.locator('#sweeps button[data-kind="one"]').click()
    part(fresh, "own").locator("summary").click()
    fresh.mouse.move(0, 0)  # else it is pointed at, or not, as the page moves
    part(fresh, "values").fill("4, frog")
    part(fresh, "values").press("Tab")
    part(fresh, "cost").locator("xpath=self::*[contains(@class, 'trouble')]").wait_for()
    seen.look("a value that is none")
    fresh.set_viewport_size({"width": 390, "height": 844})
    seen.look("390 pixels")


def test_early(page_snapshots, fresh, app_url):
    seen = page_snapshots("capstone-early", "#early")
    open_tab(fresh, app_url)
    fresh.locator("#early svg circle").first.wait_for()
    seen.look("opened")
    seen.look_at_file("saved", fresh.locator('#early [data-part="csv"]').click)
