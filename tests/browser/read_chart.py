"""Reads a chart on the page back into what it says: axes, curves, bands, dots, legend, title.

Values come from coordinates through the axes, and the axes from the texts beside them and where
those stand, as a person reads them. Nothing of the page's own numbers is looked at.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

# A figure or a strip: everything drawn, with the looks that the style sheets give it.
RAW = """(host) => {
  const svg = host.querySelector('svg');
  const number = (e, key) => Number(e.getAttribute(key));
  const points = (e) => e.getAttribute('points').trim().split(/[ ]+/).filter(Boolean)
    .map((pair) => pair.split(',').map(Number));
  const all = (selector) => [...svg.querySelectorAll(selector)];
  const text = (e) => e && e.textContent.trim();
  const dashes = (style) => style.strokeDasharray === 'none' ? []
    : style.strokeDasharray.match(/[\\d.]+/g).map(Number);
  const drawn = (e) => ({ points: points(e), stroke: getComputedStyle(e).stroke,
    fill: getComputedStyle(e).fill, dashes: dashes(getComputedStyle(e)) });
  const key = (entry) => {
    const mark = entry.querySelector('.key');
    const style = mark ? getComputedStyle(mark) : getComputedStyle(entry, '::before');
    return { text: text(entry), colour: style.borderTopColor, style: style.borderTopStyle };
  };
  return {
    title: text(host.querySelector('figcaption, strong')),
    label: svg.getAttribute('aria-label'),
    x: all('text.x').map((e) => [number(e, 'x'), text(e)]),
    y: all('text.y').map((e) => [number(e, 'y') - 4, text(e)]),
    names: all('text.name').map((e) => [text(e), /rotate/.test(e.getAttribute('transform'))
      || e.classList.contains('over')]),
    lines: all('polyline').map(drawn),
    bands: all('polygon').map(drawn),
    whiskers: all('.whisker').map((e) => ['x1', 'y1', 'y2'].map((at) => number(e, at))),
    dots: all('.dot').map((e) => [number(e, 'cx'), number(e, 'cy')]),
    markers: all('.marker').filter((e) => e.getAttribute('display') !== 'none').map((e) =>
      ({ at: [number(e, 'cx'), number(e, 'cy')], colour: getComputedStyle(e).fill })),
    cut: all('.cut').filter((e) => e.getAttribute('display') !== 'none')
      .map((e) => [number(e, 'x1'), number(e, 'x2')])[0] ?? null,
    legend: [...host.querySelectorAll('.legend span, .readout span')].map(key),
    labels: all('text.label').map((e) => ({ text: text(e), colour: getComputedStyle(e).fill,
      at: [number(e, 'x'), number(e, 'y')] })),
  };
}"""
PIXELS = 0.3  # what may lie between a place and where it should be; coordinates have one decimal


@dataclass(frozen=True)
class Axis:
    """place = offset + slope * value, or its logarithm; `labels` are the texts in their order."""

    slope: float
    offset: float
    log: bool
    percent: bool
    labels: tuple[str, ...]

    @classmethod
    def read(cls, ticks: list[tuple[float, str]], *, named: bool) -> "Axis":
        """`named`: the texts are names of 0, 1, 2, ..."""
        assert len(ticks) > 1
        places = np.array([place for place, _ in ticks])
        labels = tuple(text for _, text in ticks)
        percent = not named and labels[-1].endswith(" %")  # the last may say it for all
        assert named or percent or not any("%" in text for text in labels)
        values = np.arange(len(labels), dtype=float) if named else to_numbers(labels, percent)
        assert len(set(values)) == len(values), f"two ticks with one text: {labels}"
        for log in (False, True):
            if log and (values <= 0).any():
                break
            along = np.log10(values) if log else values
            slope, offset = np.polyfit(along, places, 1)
            if np.abs(offset + slope * along - places).max() < 0.5:
                return cls(slope, offset, log, percent, labels)
        raise AssertionError(f"no scale holds {ticks}")

    def place(self, values: Any) -> np.ndarray:
        values = np.asarray(values, dtype=float)
        return self.offset + self.slope * (np.log10(values) if self.log else values)


def to_numbers(texts: tuple[str, ...], percent: bool) -> np.ndarray:
    plain = np.array([float(re.sub(r"[ %,]", "", text)) for text in texts])
    return plain / 100 if percent else plain


@dataclass(frozen=True)
class Curve:
    """A line, or a band with `points` along one edge and `back` along the other."""

    points: np.ndarray
    colour: str
    style: str
    back: np.ndarray = field(default_factory=lambda: np.zeros((0, 2)))


@dataclass(frozen=True)
class Chart:
    """`x_name` and `y_name` are the axes' own; `legend` maps a text to its colour and style.

    A text in a line's own colour is its legend too; `labels` maps every text to its place.
    """

    title: str | None
    label: str
    x: Axis
    y: Axis
    x_name: str | None
    y_name: str | None
    lines: list[Curve]
    bands: list[Curve]
    whiskers: np.ndarray
    dots: np.ndarray
    markers: dict[str, tuple[float, float]]
    cut: float | None
    legend: dict[str, tuple[str, str]]
    labels: dict[str, tuple[float, float]]

    def under(self, text: str) -> list[Curve]:
        """The lines that look as the legend's entry of that text does."""
        [looks] = [looks for entry, looks in self.legend.items() if entry.startswith(text)]
        return [line for line in self.lines if (line.colour, line.style) == looks]

    def check_line(self, text: str, x: Any, y: Any, which: int = 0) -> None:
        """The legend's line goes through these points, in this order."""
        self.check_curve(self.under(text)[which], x, y)

    def check_curve(self, curve: Curve, x: Any, y: Any) -> None:
        kept = [(a, b) for a, b in zip(x, y, strict=True) if a is not None and b is not None]
        wanted = np.column_stack(self.places(*np.array(kept).T))
        assert len(curve.points) == len(wanted)
        assert np.abs(curve.points - wanted).max() < PIXELS

    def check_band(self, text: str, x: Any, low: Any, high: Any) -> None:
        """One band has the colour of the legend's line, and these edges."""
        colour = self.under(text)[0].colour
        [band] = [band for band in self.bands if band.colour == colour]
        self.check_edges(band, x, low, high)

    def check_edges(self, band: Curve, x: Any, low: Any, high: Any) -> None:
        rows = zip(x, low, high, strict=True)
        kept = np.array([row for row in rows if None not in row])
        assert len(band.points) == len(kept) > 1
        for edge, values in ((band.points, kept[:, 2]), (band.back, kept[:, 1])):
            wanted = np.column_stack(self.places(kept[:, 0], values))
            assert np.abs(edge - wanted).max() < PIXELS

    def check_marker(self, colour: str, x: float, y: float) -> None:
        assert self.markers[colour] == pytest.approx(
            (float(self.x.place(x)), float(self.y.place(y))), abs=PIXELS
        )

    def check_cut(self, x: float) -> None:
        assert self.cut == pytest.approx(float(self.x.place(x)), abs=PIXELS)

    def check_dots(self, x: Any, y: Any, low: Any, high: Any) -> None:
        """Dots, and whiskers from low to high through them."""
        assert np.abs(self.dots - np.column_stack(self.places(x, y))).max() < PIXELS
        wanted = np.column_stack([self.x.place(x), self.y.place(low), self.y.place(high)])
        assert np.abs(self.whiskers - wanted).max() < PIXELS
        assert (self.whiskers[:, 1] > self.whiskers[:, 2]).all()  # low stands below high

    def places(self, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        return self.x.place(x), self.y.place(y)

    def check_axes(self, x: tuple[str | None, bool], y: tuple[str | None, bool]) -> None:
        """Names of the axes, and whether each is in percent. Values grow to the right and up."""
        assert (self.x_name, self.x.percent) == x
        assert (self.y_name, self.y.percent) == y
        assert self.x.slope > 0 > self.y.slope


def read_chart(page: Any, selector: str, *, named: bool = False) -> Chart:
    """The chart inside an element; `named`: its x axis has names in place of numbers."""
    raw = page.locator(selector).evaluate(RAW)
    names = {turned: text for text, turned in raw["names"]}
    cut = raw["cut"]
    assert cut is None or cut[0] == cut[1]
    return Chart(
        title=raw["title"],
        label=raw["label"],
        x=Axis.read(raw["x"], named=named),
        y=Axis.read(raw["y"], named=False),
        x_name=names.get(False),
        y_name=names.get(True),
        lines=[
            Curve(np.array(line["points"]), line["stroke"], style_of(line["dashes"]))
            for line in raw["lines"]
        ],
        bands=[_band(band) for band in raw["bands"]],
        whiskers=np.array(raw["whiskers"]),
        dots=np.array(raw["dots"]),
        markers={marker["colour"]: tuple(marker["at"]) for marker in raw["markers"]},
        cut=None if cut is None else cut[0],
        legend={
            **{entry["text"]: (entry["colour"], entry["style"]) for entry in raw["legend"]},
            **{
                label["text"]: (line["stroke"], style_of(line["dashes"]))
                for label in raw["labels"]
                for line in raw["lines"]
                if label["colour"] == line["stroke"]
            },
        },
        labels={label["text"]: tuple(label["at"]) for label in raw["labels"]},
    )


def style_of(dashes: list[float]) -> str:
    """What a border of the same look is called."""
    if not dashes:
        return "solid"
    return "dashed" if dashes[0] > dashes[1] else "dotted"


def _band(raw: dict[str, Any]) -> Curve:
    """There along the upper edge, and back along the lower one."""
    points = np.array(raw["points"]).reshape(-1, 2)
    half = len(points) // 2
    return Curve(points[:half], raw["fill"], "solid", points[half:][::-1])
