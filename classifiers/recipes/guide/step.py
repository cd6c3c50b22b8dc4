"""A step of the lesson: a question that is answered before it is measured.

What is right is never written down. A step measures, judges the answers by what came out, and tells
it in sentences whose every number is a computed one.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from classifiers.config import PlaygroundConfig
from classifiers.recipes.heart.model import HeartModel
from classifiers.recipes.playground.result import Result

TABS = {"p": "playground", "h": "heart", "c": "capstone"}
CHIPS = ("data", "model", "loss", "train", "look")  # the five parts of every piece of work

Measured = Mapping[str, Any]
Right = int | float | Sequence[float] | None  # None: the numbers don't decide


@dataclass(frozen=True)
class Option:
    """One of the answers, or one of the things that each get an answer.

    `because`: what is said to who was wrong with it: the thought that leads there and what it
    overlooks, in words, since any number in it could one day be false.
    """

    text: str
    because: str


@dataclass(frozen=True)
class Scale:
    """A number to guess with a slider. Within `near` of what is measured it counts as right, and
    where `alike` is given, within `near` of the range whose ends it gives, which the numbers can't
    tell from what is right.
    """

    low: float
    high: float
    step: float
    unit: str
    near: float
    too_low: str
    too_high: str
    alike: Callable[[Measured], tuple[float, float]] | None = None


@dataclass(frozen=True)
class Table:
    """What is to be looked at, as rows of texts; the first column names each row."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def to_dict(self) -> dict[str, Any]:
        return {"head": list(self.head), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Curves:
    """Small charts side by side, each a name and its lines over the epochs, which are in `x`.

    `charts`: {name: {line: values}}; lines are called training and test, as everywhere.
    """

    y: str
    x: Sequence[float]
    charts: Mapping[str, Mapping[str, Sequence[float | None]]]

    def to_dict(self) -> dict[str, Any]:
        charts = {
            name: {line: list(values) for line, values in lines.items()}
            for name, lines in self.charts.items()
        }
        return {"y": self.y, "x": list(self.x), "charts": charts}


Exhibit = Table | Curves


@dataclass(frozen=True)
class Picture:
    """A picture that is answered in: a place (x1, x2) is pointed at in place of an option.

    Attributes:
        result: of what is measured, the run whose points and first network are drawn.
        read: the option that a place stands for, and a sentence on what the network says there.
        view: what the picture shows once the answer is given: classes or confidence.
    """

    result: Callable[["Measured"], Result]
    read: Callable[["Measured", float, float], tuple[int, str]]
    view: str = "classes"


@dataclass(frozen=True)
class Sources:
    """What steps read: the model that is served, the capstone's folder, and the run whose network
    is the learner's own, if there is one."""

    heart: Callable[[], HeartModel]
    capstone: Callable[[], Path]
    own: PlaygroundConfig | None = None


Measure = Callable[[Sources], Iterator[Any]]


def at_once(read: Callable[[Sources], Measured]) -> Measure:
    """A measure that reads a record or does next to nothing; done anew whenever it is asked for."""

    def measure(sources: Sources) -> Iterator[Any]:
        yield read(sources)

    return measure


class Computed:
    """A measure that depends on nothing but its code: computed once, for everybody.

    `run`: gives a run for `classifiers.turns`, whose last news are the measured.
    """

    def __init__(self, run: Callable[[], Iterator[Any]]) -> None:
        self._run = run
        self._known: Measured | None = None
        self._one = threading.Lock()
        self._looks = threading.Lock()

    def __call__(self, sources: Sources) -> Iterator[Any]:
        if self._known is None:
            last = None
            for last in self._run():
                if not isinstance(last, Mapping):
                    yield last
            with self._one:
                self._known = last
        yield self._known

    def known(self, sources: Sources) -> Measured:
        """What is measured, to be looked at with the question. A class that opens a step together
        waits for one of them to compute it."""
        with self._looks:
            *_, measured = self(sources)
        return measured


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        key: tab and number, as p7.
        title: a few words.
        ask: the question, with what is needed to understand it.
        options: the answers; where `rows` are given, each row gets one of them.
        rows: what gets an answer each, where that is more than one thing.
        scale: a slider in place of options.
        picture: where a place stands for an option; the option itself is an answer as well.
        measure: gives a run for `classifiers.turns`, whose last news are the measured.
        judge: the right option, one a row where there are rows, the right number of a scale; None
            where the numbers don't decide.
        tell: at most three sentences of what was measured and why. No digit in its source.
        now: what the learner may try alone, afterwards.
        covers: what of the lesson is learned here, as `tests/guide` lists it.
        terms: words that the step uses, of its tab in `GLOSSARY`.
        core: whether it belongs to the short way through.
        config: what the playground is set to and plays, when the answer is committed to.
        on_own: whether it is measured on the learner's own network, where there is one; else on
            that of `config`.
        place: of heart and capstone: the id of the element where it can be seen on the page.
        touches: which of `CHIPS` the step is about; None = what its config changes.
        exhibit: what is looked at with the question.
        shows: what is looked at with the answer.
        code: a few lines that do it in PyTorch or scikit-learn.
    """

    key: str
    title: str
    ask: str
    measure: Measure
    judge: Callable[[Measured], Right]
    tell: Callable[[Measured], Iterable[str]]
    now: str
    covers: Sequence[str]
    options: Sequence[Option] = ()
    rows: Sequence[Option] = ()
    scale: Scale | None = None
    picture: Picture | None = None
    terms: Sequence[str] = ()
    core: bool = False
    config: PlaygroundConfig | None = None
    on_own: bool = False
    place: str = ""
    touches: Sequence[str] | None = None
    exhibit: Callable[[Sources], Exhibit] | None = None
    shows: Callable[[Measured], Exhibit] | None = None
    code: str = ""

    @cached_property
    def tab(self) -> str:
        return TABS[self.key[0]]
