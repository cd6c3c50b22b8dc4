"""The threshold explorer on an open page: how it is set, and what it says."""

from typing import Any

from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.heart.report import own_costs


def open_heart(page: Any, url: str) -> None:
    page.goto(url)
    open_tab(page, "Heart")
    open_tab(page, "Threshold")
    weighed(page)


# Whatever is not as it opens is set, as if it were typed and pressed.
AFRESH = """(costs) => {
  const tab = [...document.querySelectorAll('[role=tab]')]
    .find((one) => one.textContent.trim() === 'Threshold');
  if (tab.getAttribute('aria-selected') === 'false') tab.click();
  const inputs = [...document.querySelectorAll('#explorer .step input')];
  inputs.forEach((input, i) => { input.value = costs[i]; });
  inputs[0].dispatchEvent(new Event('change', { bubbles: true }));
  for (const value of ['out_of_fold', '0,1']) {
    const input = document.querySelector(`#explorer input[value="${value}"]`);
    if (!input.checked) input.click();
  }
  const back = document.querySelector('#explorer [data-part="back"]');
  if (!back.hidden) back.click();
  window.viewed = null;
}"""


def start_afresh(page: Any, model: HeartModel) -> None:
    """The model's own costs, the threshold that theory asks for, everybody out of fold."""
    miss, alarm = own_costs(model)
    page.evaluate(AFRESH, [f"{alarm:g}", f"{miss:g}"])
    weighed(page)


def open_tab(page: Any, name: str) -> None:
    page.locator(f"[role=tab]:text-is('{name}')").first.click()


def weighed(page: Any) -> None:
    page.locator('#explorer .explorer[data-state="ok"]').wait_for()


def type_cost(page: Any, name: str, text: str) -> None:
    box = cost(page, name)
    box.fill(text)
    box.press("Tab")


def cost(page: Any, name: str) -> Any:
    return page.locator(f'#explorer [aria-label="Number of {name}"]')


def slide(page: Any, percent: int) -> None:
    page.locator("#explorer input[type=range]").evaluate(
        "(e, v) => { e.value = v; e.dispatchEvent(new Event('input', {bubbles: true})); }", percent
    )


def part(page: Any, name: str) -> str:
    """A text, its spaces that do not break as plain ones."""
    return page.locator(f'#explorer [data-part="{name}"]').inner_text().replace("\xa0", " ")


def counts(page: Any) -> dict[str, int]:
    return page.locator("#explorer [data-count]").evaluate_all(
        "(cells) => Object.fromEntries(cells.map((e) => [e.dataset.count, Number(e.innerText)]))"
    )
