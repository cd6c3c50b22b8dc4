"""The lesson's panel, whole: its list, and steps of each kind as they ask and as they tell."""

from classifiers.recipes.guide import step, steps
from classifiers.recipes.guide.step import Step
from tests.browser.guide.panel_page import answered, asked, opened, part

KEYS = ("p1", "p4", "p12", "p15", "h1", "h4", "h6", "c1", "c2", "c5")


def kinds(one: Step) -> set[str]:
    """What a step may have that the page shows in a way of its own."""
    forms = ("picture", "scale", "rows", "options")
    form = next(name for name in forms if getattr(one, name))
    parts = {name for name in ("exhibit", "shows", "config", "place") if getattr(one, name)}
    return {f"{form} in {one.tab}", *parts, *([one.picture.view] if one.picture else [])}


def test_the_steps_that_are_looked_at_have_all_there_is():
    looked_at = set().union(*(kinds(step(key)) for key in KEYS))
    assert looked_at == set().union(*map(kinds, steps().values()))


def test_steps(page_snapshots, fresh, app_url):
    seen = page_snapshots("guide", "#guide")
    opened(fresh, app_url)
    seen.look("opened")
    part(fresh, "all").click()
    seen.look("all steps")
    for key in KEYS:
        fresh.evaluate(f"document.querySelector('#guide [data-key={key}]').click()")
        asked(fresh, step(key).title)
        seen.look(key)
        options = part(fresh, "answers").locator("label")
        simple = 0 < options.count() <= 4  # others ask for more than a choice
        if simple:
            options.last.click()
        part(fresh, "commit" if simple else "show").click()
        answered(fresh)
        seen.look(f"{key}, answered", numbers=key[0] != "p")
    part(fresh, "all").click()
    part(fresh, "forget").click()
    seen.look("forgotten")


def test_answers(page_snapshots, fresh, app_url):
    seen = page_snapshots("guide-answers", "#guide")
    opened(fresh, app_url, "?lesson=p12,p13,h6,zz")
    seen.look("by a link")

    def commit(name: str, *, numbers: bool = True) -> None:
        part(fresh, "commit").click()
        answered(fresh)
        seen.look(name, numbers=numbers)

    asked(fresh, step("p12").title)
    fresh.wait_for_function("document.querySelectorAll('#guide .spot-names span').length === 4")
    part(fresh, "commit").click()
    fresh.locator("#guide .spot").click(position={"x": 40, "y": 60})
    seen.look("a place")
    fresh.keyboard.press("ArrowRight")
    commit("a place, answered", numbers=False)
    part(fresh, "next").click()
    asked(fresh, step("p13").title)
    for row in part(fresh, "answers").locator("fieldset").all():
        row.locator("label").first.click()
    commit("sorted")
    part(fresh, "again").click()
    for row in part(fresh, "answers").locator("fieldset").all():
        row.locator("label").last.click()
    commit("sorted otherwise")
    part(fresh, "next").click()
    asked(fresh, step("h6").title)
    part(fresh, "answers").locator("input").press("ArrowRight")
    seen.look("slid")
    commit("slid, answered")
    part(fresh, "place").click()
    part(fresh, "next").click()
    seen.look("at its end")
    part(fresh, "copy-link").click()
    seen.look("no steps ticked")
    for key in ("p3", "p4", "p5", "h2"):
        fresh.locator(f"#guide input[value={key}]").check()
    part(fresh, "alone").check()
    part(fresh, "copy-link").click()
    seen.look("a link to them")
    part(fresh, "copy-answers").click()
    seen.look("answers copied", numbers=False)
    part(fresh, "short").click()
    fresh.set_viewport_size({"width": 390, "height": 844})
    part(fresh, "form").wait_for()
    seen.look("the short way, 390 pixels")
    part(fresh, "close").click()
    seen.look("closed")
