"""The threshold explorer on an open page: how it is set, and what it says."""

from typing import Any

from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.report import own_costs


def open_heart(page: Any, url: str) -> None:
    page.goto(url)
    page.get_by_role("tab", name="Heart").click()
    open_tab(page, "Threshold")
    weighed(page)


def start_afresh(page: Any, model: HeartModel) -> None:
    """The model's own costs, the threshold that theory asks for, everybody out of fold."""
    open_tab(page, "Threshold")
    miss, alarm = own_costs(model)
    for name, value in (("missed patients", alarm), ("false alarms", miss)):
        type_cost(page, name, f"{value:g}")
    weighed(page)
    page.locator('#explorer input[value="out_of_fold"]').check()
    page.locator('#explorer input[value="0,1"]').check()
    back = page.locator('#explorer [data-part="back"]')
    if back.is_visible():
        back.click()


def open_tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def weighed(page: Any) -> None:
    page.locator('#explorer .explorer[data-state="ok"]').wait_for()


def type_cost(page: Any, name: str, text: str) -> None:
    box = page.get_by_label(f"Number of {name}")
    box.fill(text)
    box.press("Tab")


def slide(page: Any, percent: int) -> None:
    page.locator("#explorer input[type=range]").evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", percent
    )


def part(page: Any, name: str) -> str:
    """A text, its spaces that do not break as plain ones."""
    return page.locator(f'#explorer [data-part="{name}"]').inner_text().replace("\xa0", " ")


def counts(page: Any) -> dict[str, int]:
    cells = page.locator("#explorer [data-count]")
    return {cell.get_attribute("data-count"): int(cell.inner_text()) for cell in cells.all()}
