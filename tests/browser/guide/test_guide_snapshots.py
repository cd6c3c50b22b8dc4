"""The lesson's panel, whole: its list, and steps of each kind as they ask and as they tell."""

from classifiers.recipes.guide import step, steps
from classifiers.recipes.guide.step import Step
from tests.browser.guide.panel_page import answered, asked, opened, part

KEYS = ("p1", "p4", "p6", "p12", "p15", "h1", "h4", "h6", "c1", "c2", "c5")


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
        seen.look(f"{key}, answered")
    part(fresh, "all").click()
    part(fresh, "forget").click()
    seen.look("forgotten")
