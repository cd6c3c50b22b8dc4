"""Reads the worlds on the page back into data: marks into values, through the axes beside them."""

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.pile import Pile
from classifiers.recipes.capstone.worlds.store import load_pile
from classifiers.ui.models import weights_folder

WORLDS = ".worlds"
STEPS = 4095
# The drawings of one column, as places on the screen; as text: objects cost ten times as much.
READ = """(column) => {
  const box = (e) => e && e.getBoundingClientRect();
  const middle = (e) => ({ x: box(e).x + box(e).width / 2, y: box(e).y + box(e).height / 2 });
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  const strip = column.querySelector('.strip-of-worlds');
  const plot = (kind) => {
    const svg = column.querySelector(`[data-plot="${kind}"]`);
    return {
      rules: all(svg, 'line.rule').map((e) => e.y1.baseVal.value),
      texts: all(svg, 'text').map((e) => [e.textContent, e.x.baseVal[0].value]),
      cursor: svg.querySelector('[data-mark="cursor"]').x1.baseVal.value,
      curves: Object.fromEntries(all(svg, '[data-curve]').map((e) =>
        [e.dataset.curve, e.getAttribute('d').match(/-?[\\d.]+/g).map(Number)])),
    };
  };
  return JSON.stringify({
    boundary: column.querySelector('[data-mark="boundary"]').getAttribute('d'),
    height: column.querySelector('.picture').viewBox.baseVal.height,
    points: all(column, '.points circle:not(.rim)').map((e) => [e.cx.baseVal.value,
      e.cy.baseVal.value, e.classList.contains('b'), e.classList.contains('test')]),
    shown: getComputedStyle(column.querySelector('.points')).display !== 'none',
    others: column.querySelectorAll('.others path').length,
    vote: column.querySelector('[data-mark="vote"]').getAttribute('d'),
    labels: all(column, '.values > div').map((e) => e.firstChild.textContent),
    regret: column.querySelector('[data-mark="regret"]').getAttribute('d'),
    numbers: Object.fromEntries(all(column, '[data-number]').map((e) =>
      [e.dataset.number, e.textContent])),
    loss: plot('loss'), accuracy: plot('accuracy'),
    dots: all(strip, '[data-world]').map((e) => [Number(e.dataset.world), e.dataset.value,
      middle(e).x, middle(e).y]),
    rings: all(strip, '.ring').map((e) => [e.dataset.mark, middle(e).x, middle(e).y]),
    axis: all(strip, 'text').filter((e) => /^\\d+( %)?$/.test(e.textContent)).map((e) =>
      [parseFloat(e.textContent), e.textContent.endsWith('%') ? box(e).right : middle(e).x]),
    best: middle(strip.querySelector('[data-mark="best"]')).x,
    spread: middle(strip.querySelector('[data-mark="middle-fresh"]') ?? strip).x,
  });
}"""


def shipped(rule: str = "lesson") -> Pile:
    """What the app of the tests shows."""
    return load_pile(weights_folder() / "capstone", rule)


@dataclass
class Line:
    """A straight axis: value = slope * place + start."""

    slope: float
    start: float

    @classmethod
    def through(cls, places: list[float], values: list[float]) -> "Line":
        return cls(*np.polyfit(places, values, 1))

    def __call__(self, place: Any) -> Any:
        return self.slope * np.asarray(place) + self.start

    def tolerance(self, pixels: float) -> float:
        return abs(self.slope) * pixels


class WorldsPage:
    """What a visitor does on the tab's upper part, and what stands there then."""

    def __init__(self, page) -> None:
        self.page = page

    def open(self, url: str) -> "WorldsPage":
        self.page.goto(url)
        self.page.get_by_role("tab", name="Capstone").click()
        return self.settle()

    def settle(self, **data: Any) -> "WorldsPage":
        """Until a world is on show; `data`: and the page says this of itself."""
        marks = "".join(f'[data-{key}="{value}"]' for key, value in data.items())
        self.page.locator(f'{WORLDS}[data-state="ready"]:not([data-waiting]){marks}').wait_for(
            timeout=60_000
        )
        return self

    def part(self, name: str):
        return self.page.locator(f'{WORLDS} [data-part="{name}"]')

    def text(self, name: str) -> str:
        return self.part(name).inner_text().replace("\n", " ")

    def says(self, name: str) -> str | None:
        return self.page.locator(WORLDS).get_attribute(f"data-{name}")

    def draw(self) -> None:
        drawn = int(self.says("drawn") or 0)
        self.part("draw").click()
        self.settle(drawn=drawn + 1)

    def column(self, name: str):
        return self.page.locator(f'{WORLDS} .column[data-network="{name}"]')

    def read(self, name: str) -> dict[str, Any]:
        return json.loads(self.column(name).evaluate(READ))

    def end(self) -> None:
        """The cursor back to the last epoch, the switches as they are at first."""
        self.page.locator(f"{WORLDS} .plots").first.press("End")
        for show, wanted in {"points": "true", "best": "false", "others": "false",
                             "regret": "false"}.items():  # fmt: skip
            switch = f'{WORLDS} [data-show="{show}"]:not([aria-pressed="{wanted}"])'
            for one in self.page.locator(switch).all():
                one.click()

    def go(self, world: int) -> None:
        """By the arrow keys of the first network's dots."""
        strip = self.page.locator(f"{WORLDS} .strip-of-worlds").first
        far = world - int(self.says("world") or 0)
        if world < abs(far):
            strip.press("Home")
            far = world
        for _ in range(abs(far)):
            strip.press("ArrowRight" if far > 0 else "ArrowLeft")
        self.settle(world=world)


def rings_of(path: str) -> list[np.ndarray]:
    """The rings of a drawn outline, each (n, 2), in the picture's own units."""
    return [
        np.array([float(number) for number in re.findall(r"-?[\d.]+", ring)]).reshape(-1, 2)
        for ring in path.split("M")[1:]
    ]


def network(name: str) -> int:
    return NAMES.index(name)
