"""A world drawn while somebody watches: the three networks side by side, with early news."""

from collections.abc import Iterator
from typing import Any

from classifiers.config import CapstoneConfig
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES, Draw, News, train_worlds
from classifiers.recipes.capstone.worlds.message import pack_regions
from classifiers.recipes.capstone.worlds.pile import World, assemble
from classifiers.recipes.capstone.worlds.rule import seeds_of, truth_of, world_runs
from classifiers.recipes.playground.budget import check_budget
from classifiers.turns import Expect, Pace, Together


class WorldRun:
    """World k of a config, each network a generator that holds its state while nobody pulls it: a
    run that was stopped and gone on with gives the world that one gives that never was.

    `steps` are the networks by name, `seconds` what they are estimated to take in all, `reached`
    the epoch of each.

    Raises:
        BudgetError: one of the three is more work than a request may ask for.
    """

    def __init__(self, config: CapstoneConfig, k: int) -> None:
        self.config, self.k = config, k
        runs = world_runs(config)
        self.seconds = sum(check_budget(run, film=False).total for run in runs.values())
        self.epochs = config.training.epochs
        self.reached = dict.fromkeys(NAMES, 0)
        self._draws: dict[str, Draw] = {}
        self._newest: dict[str, News] = {}
        self._scoring: set[str] = set()
        self._pace = Pace()
        # The longest first: two threads then end at about the same time.
        self.steps = {name: self._train(name) for name in ("overfit", "underfit", "good")}

    def _train(self, name: str) -> Iterator[News]:
        truth = truth_of(self.config)
        yield from train_worlds(
            world_runs(self.config)[name], [seeds_of(self.config, self.k)], truth
        )

    @property
    def phase(self) -> str:
        """ "scoring" once no network is in training any more."""
        return "scoring" if len(self._scoring) == len(NAMES) else "training"

    def take(self, name: str, news: News) -> dict[str, Any] | None:
        """What the page is told of a network's news, at most one event in 0.2 s: `phase`, `epoch`
        {name: epoch}, `epochs`, and in `now` {name: {`epoch`, `region`, `scores`}} what is newest
        since the event before; fresh scores are of few points and not yet corrected."""
        self.reached[name] = news.epoch
        if news.region is not None:
            self._newest[name] = news
        if news.scoring:
            self._scoring.add(name)
        if news.draws is not None:
            (self._draws[name],) = news.draws
        return self.event() if self._pace.due() else None

    def event(self) -> dict[str, Any]:
        """The newest event."""
        newest, self._newest = self._newest, {}
        return {
            "phase": self.phase,
            "epoch": dict(self.reached),
            "epochs": self.epochs,
            "now": {name: _now(news) for name, news in newest.items()},
        }

    @property
    def done(self) -> bool:
        return len(self._draws) == len(NAMES)

    def world(self) -> World:
        """The world, once all three have ended."""
        return assemble(self.config, self.k, self._draws, truth_of(self.config))

    def close(self) -> None:
        """Frees what the generators hold: they are closed when the last reference to them goes."""
        self.steps.clear()


def _now(news: News) -> dict[str, Any]:
    assert news.region is not None
    assert news.scores is not None
    return {
        "epoch": news.epoch,
        "region": pack_regions([news.region], [1]),
        "scores": {
            name: value if abs(value) < float("inf") else None
            for name, value in zip(SCORES, news.scores.tolist(), strict=True)
        },
    }


def draw_world_live(config: CapstoneConfig, k: int) -> Iterator[Any]:
    """A run for `classifiers.turns`: events as `WorldRun.take` gives them, at last the `World`.

    Raises:
        BudgetError: one of the three is more work than a request may ask for.
    """
    run = WorldRun(config, k)
    yield Expect(run.seconds)
    truth_of(config)  # once, before three threads ask for it
    yield None
    yield Together(run.steps, run.take)
    yield run.world()
