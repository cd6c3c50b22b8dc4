"""The playground, whole, as it opens and after each press."""

from tests.browser.playground.test_playground_browser import (
    MOONS,
    PICTURE,
    at,
    opened,
    press,
    setting,
)

STAGE = ("#playground-stage .playground",)
THIRD = "#playground-stage [data-key=oC]"
HOVERED = {
    "a feature": ".unit >> nth=0",
    "a hidden unit": ".unit >> nth=9",
    "an output": ".unit >> nth=-1",
}


def test_a_run(page_snapshots, fresh, app_url):
    seen = page_snapshots("playground-run", *STAGE)
    opened(fresh, app_url, f"{MOONS}&training.members=3")
    seen.look("opened")
    for speed in ("16", "max"):
        press(fresh, "speed")
        seen.look(f"speed {speed}")
    at(press(fresh, "play"), "paused", reached=60)
    seen.look("played to the end")
    for view in ("confidence", "disagreement", "space", "classes"):
        fresh.click(f"#playground-stage [data-view={view}]")
        seen.look(view)
    for show in ("best", "training", "test"):
        fresh.click(f"#playground-stage [data-show={show}]")
        seen.look(f"{show} pressed")
    for show in ("training", "test"):
        fresh.click(f"#playground-stage [data-show={show}]")
    fresh.click(PICTURE, position={"x": 150, "y": 100})
    seen.look("a place")
    fresh.keyboard.press("ArrowRight")
    seen.look("right of it")
    fresh.keyboard.press("Escape")
    seen.look("no place")
    for name, place in HOVERED.items():
        fresh.locator(f"#playground-stage {place}").hover(force=True)
        seen.look(f"{name} pointed at")
    fresh.mouse.move(0, 0)
    seen.look("nothing pointed at")
    fresh.focus("#playground-stage [role=slider]")
    for key in ("ArrowLeft", "PageUp", "Home"):
        fresh.keyboard.press(key)
        seen.look(key)
    fresh.keyboard.press("End")
    fresh.click("#playground-stage [data-part=more-fold] > summary")
    fresh.click("#playground-stage .hide-fold > summary")
    seen.look("unfolded")
    press(fresh, "script")
    fresh.wait_for_selector("#playground-stage pre:has-text('make_moons')")
    seen.look("code")
    press(fresh, "script")
    press(fresh, "fewer-layers")
    at(fresh, "stale")
    seen.look("stale")
    press(fresh, "more-layers")
    at(fresh, "paused", reached=60)
    seen.look("not stale")
    seen.look_at_file("saved as SVG", lambda: press(fresh, "svg"))
    setting(fresh, "training.learning_rate").select_option("0.3")
    seen.look("another rate")
    at(press(fresh, "step"), "paused", reached=61)
    seen.look("a step at another rate")
    press(fresh, "reset")
    at(fresh, "ready", reached=0)
    seen.look("reset")
    press(fresh, "anew")
    at(fresh, "ready", reached=0)
    seen.look("anew")


def test_other_data(page_snapshots, fresh, app_url):
    seen = page_snapshots("playground-data", *STAGE)
    opened(fresh, app_url, "?training.members=3&training.epochs=4")
    sets = fresh.locator("#playground-stage [data-set]").evaluate_all(
        "(all) => all.map((one) => one.dataset.set)"
    )
    for name in sets:
        fresh.click(f"#playground-stage [data-set={name}]")
        fresh.wait_for_selector(f"#playground-stage [data-set={name}][aria-pressed=true]")
        at(fresh, "ready", reached=0)
        seen.look(name)
        at(press(fresh, "step"), "paused", reached=1)
        seen.look(f"{name}, a step")
        at(press(fresh, "reset"), "ready", reached=0)
    fresh.click("#playground-stage [data-tool=pen-C]")
    seen.look("pen C")
    fresh.click(PICTURE, position={"x": 300, "y": 60})
    fresh.wait_for_selector(THIRD)
    seen.look("a point drawn")
    fresh.click("#playground-stage [data-tool=back]")
    fresh.wait_for_selector(THIRD, state="detached")
    seen.look("taken back")
    fresh.click("#playground-stage [data-tool=wipe]")
    seen.look("eraser")


def test_a_network_in_other_widths(page_snapshots, fresh, app_url):
    seen = page_snapshots("playground-narrow", *STAGE)
    query = "?network.widths=[12,3,2]&dataset.classes=3&training.epochs=2"
    fresh.set_viewport_size({"width": 390, "height": 844})
    at(press(opened(fresh, app_url, query), "step"), "paused", reached=1)
    seen.look("390 pixels")
    fresh.focus("#playground-stage [data-key=u3-0]")
    seen.look("390 pixels, a unit")
    fresh.evaluate("document.activeElement.blur()")
    fresh.evaluate("document.body.classList.add('dark')")
    seen.look("390 pixels, dark")
    for width in (320, 700, 1000, 1280):
        fresh.set_viewport_size({"width": width, "height": 844})
        seen.look(f"{width} pixels, dark")
    fresh.evaluate("document.body.classList.remove('dark')")
    fresh.click("#playground-stage [data-view=space]")
    for layer in (1, 3):
        fresh.click(f"#playground-stage [data-part=note] [aria-label='Layer {layer}']")
        seen.look(f"as layer {layer} sees it")


def test_a_run_that_diverges(page_snapshots, fresh, app_url):
    seen = page_snapshots("playground-diverged", *STAGE)
    opened(fresh, app_url, "?training.learning_rate=100&network.activation=identity")
    at(press(fresh, "play"), "paused")
    fresh.focus("#playground-stage [role=slider]")
    fresh.keyboard.press("Home")
    seen.look("at first")
    fresh.keyboard.press("End")
    seen.look("diverged")
    fresh.locator("#playground-stage .unit >> nth=9").hover(force=True)
    seen.look("a unit")
