"""The playground, whole, as it opens and after each press: run, set, drawn, kept and lent."""

from tests.browser.playground.test_playground_browser import (
    MOONS,
    PICTURE,
    at,
    opened,
    press,
    setting,
)

ROOM = "#playground-stage"
STAGE = ("#playground-stage .playground",)
HOVERED = {
    "a feature": ".unit >> nth=0",
    "a hidden unit": ".unit >> nth=9",
    "an output": ".unit >> nth=-1",
}
SLIDE = "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }"
ACTED = "(before) => location.search !== before"


def asked(page, act) -> None:
    """Until what was done stands in the address."""
    before = page.evaluate("location.search")
    act()
    page.wait_for_function(ACTED, arg=before)


def chosen(page, **settings: object) -> None:
    """Each in turn: of a list its number, of a slider or a box its value."""
    for path, value in settings.items():
        name = path.replace("__", ".")
        exactly = " >> nth=-1" if path.endswith(("l1", "l2")) else ""
        place = page.locator(f"{ROOM} [data-path='{name}'] :is(select, input){exactly}").last
        kind = place.evaluate("(e) => e.type")
        if kind.startswith("select"):
            asked(page, lambda place=place, value=value: place.select_option(index=value))
        elif kind == "range":
            asked(page, lambda place=place, value=value: place.evaluate(SLIDE, value))
        else:
            place.fill(str(value))
            asked(page, lambda place=place: place.press("Enter"))


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
        if name in (sets[0], sets[-1]):  # of the others Python's answers are held elsewhere
            at(press(fresh, "step"), "paused", reached=1)
            seen.look(f"{name}, a step")
            at(press(fresh, "reset"), "ready", reached=0)


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
    seen.look("a unit", numbers=False)


def test_settings(page_snapshots, fresh, app_url):
    seen = page_snapshots("playground-settings", f"{ROOM} .playground")
    opened(fresh, app_url, "?training.epochs=3")
    chosen(fresh, training__optimizer=1, network__dropout=2, training__batch_size=3)
    setting(fresh, "training.l2").select_option(index=2)
    seen.look("how it is trained")
    chosen(fresh, dataset__noise=2.5, dataset__classes=5, dataset__samples=250)
    chosen(fresh, dataset__label_noise=0.2, dataset__balance=0.6, training__test_share=0.4)
    seen.look("which points")
    asked(fresh, lambda: press(fresh, "new-points"))
    for key in ("w0more", "w1fewer", "fx1*x2"):
        asked(fresh, lambda key=key: fresh.click(f"{ROOM} [data-key='{key}']"))
    chosen(fresh, network__activation=2)
    seen.look("which network")
    fresh.click(f"{ROOM} [data-part=more-fold] > summary")
    chosen(fresh, dataset__classes=2, network__outputs=1, training__members=2, network__start=1)
    chosen(fresh, training__early_stopping__on=1, training__early_stopping__patience=7)
    seen.look("one logit, two networks, stopped early")
    at(press(fresh, "step"), "paused", reached=1)
    fresh.locator(f"{ROOM} [data-key=oB]").hover(force=True)
    seen.look("a step, class B pointed at")
    fresh.mouse.move(0, 0)
    chosen(fresh, training__weight_decay=0.02, training__batch_size=0)
    at(press(fresh, "step"), "paused", reached=2)
    seen.look("changed on the way")
    chosen(fresh, dataset__classes=3, training__optimizer=0, training__momentum=0.5)
    asked(fresh, lambda: fresh.click(f"{ROOM} [data-set=spirals]"))
    at(fresh, "stale")
    seen.look("others than those that ran")
    fresh.click(f"{ROOM} [data-part=offer] button")
    seen.look("the network that is offered")
    wrong = fresh.locator(f"{ROOM} .wrong-value:visible").first
    for path, value, mended in (("learning_rate", "-3", "0.02"), ("l2", "77", "0.5")):
        box = fresh.locator(f"{ROOM} .more-grid [data-path='training.{path}'] input")
        box.fill(value)
        box.press("Enter")
        wrong.wait_for()
        press(fresh, "play")
        seen.look(f"{path} {value}, played all the same")
        box.fill(mended)
        box.press("Enter")
        wrong.wait_for(state="hidden")
    fresh.click(f"{ROOM} .hide-fold > summary")
    for box in fresh.locator(f"{ROOM} .hides input").all()[1:3]:
        box.check()
    press(fresh, "copy")
    fresh.locator(f"{ROOM} [data-part=link]").wait_for()
    seen.look("a link")
