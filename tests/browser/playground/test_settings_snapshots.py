"""What is set, drawn, kept and lent in the playground, whole: after each press."""

from tests.browser.playground.test_playground_browser import (
    PICTURE,
    at,
    opened,
    press,
    setting,
)
from tests.browser.playground.test_stage_browser import keep, nothing_is_kept

STAGE = "#playground-stage"
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
        place = page.locator(f"{STAGE} [data-path='{name}'] :is(select, input){exactly}").last
        kind = place.evaluate("(e) => e.type")
        if kind.startswith("select"):
            asked(page, lambda place=place, value=value: place.select_option(index=value))
        elif kind == "range":
            asked(page, lambda place=place, value=value: place.evaluate(SLIDE, value))
        else:
            place.fill(str(value))
            asked(page, lambda place=place: place.press("Enter"))


def test_settings(page_snapshots, fresh, app_url):
    seen = page_snapshots("playground-settings", f"{STAGE} .playground")
    opened(fresh, app_url, "?training.epochs=3")
    chosen(fresh, training__optimizer=1, network__dropout=2, training__batch_size=3)
    setting(fresh, "training.l2").select_option(index=2)
    seen.look("how it is trained")
    chosen(fresh, dataset__noise=2.5, dataset__classes=5, dataset__samples=250)
    chosen(fresh, dataset__label_noise=0.2, dataset__balance=0.6, training__test_share=0.4)
    seen.look("which points")
    asked(fresh, lambda: press(fresh, "new-points"))
    for key in ("w0more", "w1fewer", "fx1*x2"):
        asked(fresh, lambda key=key: fresh.click(f"{STAGE} [data-key='{key}']"))
    chosen(fresh, network__activation=2)
    seen.look("which network")
    fresh.click(f"{STAGE} [data-part=more-fold] > summary")
    chosen(fresh, dataset__classes=2, network__outputs=1, training__members=2, network__start=1)
    chosen(fresh, training__early_stopping__on=1, training__early_stopping__patience=7)
    seen.look("one logit, two networks, stopped early")
    at(press(fresh, "step"), "paused", reached=1)
    fresh.locator(f"{STAGE} [data-key=oB]").hover(force=True)
    seen.look("a step, class B pointed at")
    fresh.mouse.move(0, 0)
    chosen(fresh, training__weight_decay=0.02, training__batch_size=0)
    at(press(fresh, "step"), "paused", reached=2)
    seen.look("changed on the way")
    chosen(fresh, dataset__classes=3, training__optimizer=0, training__momentum=0.5)
    asked(fresh, lambda: fresh.click(f"{STAGE} [data-set=spirals]"))
    at(fresh, "stale")
    seen.look("others than those that ran")
    fresh.click(f"{STAGE} [data-part=offer] button")
    seen.look("the network that is offered")
    wrong = fresh.locator(f"{STAGE} .wrong-value:visible").first
    for path, value, mended in (("learning_rate", "-3", "0.02"), ("l2", "77", "0.5")):
        box = fresh.locator(f"{STAGE} .more-grid [data-path='training.{path}'] input")
        box.fill(value)
        box.press("Enter")
        wrong.wait_for()
        press(fresh, "play")
        seen.look(f"{path} {value}, played all the same")
        box.fill(mended)
        box.press("Enter")
        wrong.wait_for(state="hidden")
    fresh.click(f"{STAGE} .hide-fold > summary")
    for box in fresh.locator(f"{STAGE} .hides input").all()[1:3]:
        box.check()
    press(fresh, "copy")
    fresh.locator(f"{STAGE} [data-part=link]").wait_for()
    seen.look("a link")


def test_own_points(page_snapshots, fresh, app_url):
    seen = page_snapshots("playground-own", f"{STAGE} .playground")
    opened(fresh, app_url)
    asked(fresh, lambda: fresh.click(f"{STAGE} [data-set=points]"))
    tool = f"{STAGE} [data-tool=%s]"
    box = fresh.locator(PICTURE).bounding_box()

    def drag(*places: tuple[int, int]) -> None:
        fresh.mouse.move(box["x"] + places[0][0], box["y"] + places[0][1])
        fresh.mouse.down()
        for x, y in places[1:]:
            fresh.mouse.move(box["x"] + x, box["y"] + y, steps=4)
        asked(fresh, fresh.mouse.up)

    seen.look("opened")
    fresh.click(tool % "pen-B")
    drag((60, 60), (200, 60), (200, 160))
    seen.look("drawn")
    drag((200, 160), (120, 220))
    seen.look("one moved")
    fresh.fill(f"{STAGE} .own-name", "ill")
    asked(fresh, lambda: fresh.keyboard.press("Enter"))
    seen.look("a class named")
    fresh.click(tool % "wipe")
    drag((40, 60), (150, 60))
    seen.look("wiped")
    for name in ("back", "forth"):
        asked(fresh, lambda name=name: fresh.click(tool % name))
        seen.look(name)
    fresh.click(tool % "clear")
    fresh.locator(f"{STAGE} [data-part=told].alarm").wait_for()
    seen.look("clear")
    fresh.click(tool % "back")
    fresh.locator(f"{STAGE} [data-part=told].alarm").wait_for(state="detached")
    fresh.click(tool % "pen-C")
    fresh.focus(PICTURE)
    for key in ("ArrowRight", "Shift+ArrowUp"):
        fresh.keyboard.press(key)
    asked(fresh, lambda: fresh.keyboard.press("Enter"))
    at(fresh, "ready")
    seen.look("by keys")
    at(press(fresh, "step"), "paused", reached=1)
    fresh.click(tool % "ask")
    fresh.click(PICTURE, position={"x": 120, "y": 220})
    seen.look("asked after a step")


def test_kept_runs(page_snapshots, fresh, app_url):
    seen = page_snapshots("playground-kept", "#compare")
    query = "?dataset.name=circles&training.members=3&training.epochs=3"
    nothing_is_kept(opened(fresh, app_url, query))
    seen.look("none")
    at(press(fresh, "play"), "paused", reached=3)
    keep(fresh, 1)
    seen.look("one")
    asked(fresh, lambda: setting(fresh, "training.optimizer").select_option(index=1))
    for epoch in (1, 2):
        at(press(fresh, "step"), "paused", reached=epoch)
    keep(fresh, 2)
    place = "#playground-compare"
    fresh.locator(f"{place} .stage").nth(1).wait_for()
    seen.look("two")
    views = fresh.locator(f"{place} [data-part=views] input")
    for view in views.all()[1:]:
        view.check()
        seen.look(f"view {view.get_attribute('value')}")
    views.first.check()
    for name in ("train", "test", "bayes"):
        fresh.locator(f"{place} [data-part={name}]").click()
        seen.look(f"{name} pressed")
    for name in ("back", "back", "next"):
        fresh.click(f"{place} [data-part={name}]")
    seen.look("another moment")
    fresh.locator(f"{place} .tiles button").nth(3).hover()
    seen.look("a unit")
    fresh.mouse.move(0, 0)
    fresh.click(f"{place} canvas.picture >> nth=1", position={"x": 90, "y": 120})
    fresh.keyboard.press("Home")
    seen.look("a place, at first")
    fresh.click(f"{place} [data-part=play]")
    fresh.locator(f"{place} .film[data-epoch='3']").wait_for()
    seen.look("played")
    seen.look_at_file("saved", fresh.locator(f"{place} [data-part=svg]").click)
    fresh.select_option(f"{place} [data-part=first]", index=1)
    seen.look("one beside itself")
    fresh.click(f"{place} [data-part=forget]")
    fresh.locator(f"{place} .stage").first.wait_for(state="detached")
    seen.look("forgotten")


def test_exercises(page_snapshots, fresh, app_url):
    seen = page_snapshots("playground-exercises", "#exercise-card", f"{STAGE} .exercises-line")
    opened(fresh, app_url, "?training.epochs=2")
    # At the end of hundreds of epochs each processor has numbers of its own.
    fresh.add_style_tag(content="[data-part=exercise-found] { display: none !important }")
    press(fresh, "exercises-open")
    seen.look("opened")
    for key, epoch in (("6", 3), ("3", 4)):
        fresh.click(f"#exercise-{key}")
        fresh.wait_for_selector("#exercise-film .film[data-state=done]")
        fresh.locator("[data-part=exercise-epoch]").evaluate(SLIDE, epoch)
        seen.look(f"{key} at epoch {epoch}")
    fresh.click("#exercise-film .shot >> nth=0")
    seen.look("the first picture")
    asked(fresh, lambda: fresh.click("#exercise-take"))
    seen.look("taken")
    asked(fresh, lambda: fresh.click("#exercise-back"))
    seen.look("back to mine")
    fresh.click("#exercise-6")
    press(fresh, "exercises-close")
    seen.look("closed")
    fresh.wait_for_selector("#exercise-film .film[data-state=done]", state="attached")
    press(fresh, "exercises-open")
    seen.look("done meanwhile")
