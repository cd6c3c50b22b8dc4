"""A world that the server trains for a page: started, stopped, gone on with, given up.

It is the value of a `gr.State`, so it belongs to one page. A press of the button and the training
are two requests: the press changes the phase, the training looks at it.
"""

import threading
from collections.abc import Generator
from typing import Any, ClassVar

import numpy as np

from classifiers.errors import BudgetError
from classifiers.recipes.capstone.run import NAMES
from classifiers.recipes.capstone.worlds.draw import SCORES, News
from classifiers.recipes.capstone.worlds.live import WorldRun
from classifiers.recipes.capstone.worlds.message import pack_array, pack_regions
from classifiers.recipes.capstone.worlds.pile import Pile
from classifiers.recipes.capstone.worlds.regions import to_steps
from classifiers.recipes.capstone.worlds.rule import (
    TITLES,
    draw_world,
    seeds_of,
    truth_of,
    world_runs,
)
from classifiers.turns import Expect, Pace, Together
from classifiers.ui.capstone.worlds import MOST_WORLDS, show_pile
from classifiers.ui.parts.stopped import StoppedRuns
from classifiers.wording import counted


class LiveRun:
    """Phases: ready, running, stopping, paused, done, closed.

    `pile` is what the world is one more of, with it once the run is done; `pile_id` is what the
    page calls that pile. `rule` is what the visitor chose.

    Raises:
        BudgetError: the settings are more work than a visitor may ask for, or the pile is full.
    """

    _all: ClassVar["StoppedRuns[LiveRun]"]
    _lock = threading.Lock()

    def __init__(self, rule: str, pile: Pile, pile_id: str) -> None:
        if len(pile.worlds) >= MOST_WORLDS:
            raise BudgetError("worlds", f"{MOST_WORLDS} are as many as this page can count")
        self.rule, self.pile, self.pile_id = rule, pile, pile_id
        self.world = len(pile.worlds)
        self.run = WorldRun(pile.config, self.world)
        self.seen: dict[str, list[News]] = {name: [] for name in NAMES}
        self.phase = "ready"
        self._stopped = threading.Event()
        self._pace = Pace(0.5)  # to draw a world takes of the cores that train it
        self._start: dict[str, Any] = {}
        self._all.add(self)

    def stop(self) -> None:
        """A run that has ended meanwhile is left as it is."""
        with self._lock:
            self.phase = {"ready": "paused", "running": "stopping"}.get(self.phase, self.phase)
            if self.phase == "stopping":
                self._stopped.set()

    def resume(self) -> None:
        with self._lock:
            self.phase = "ready" if self.phase == "paused" else self.phase

    def messages(self) -> Generator[Any, None, None]:
        """Trains while it may: a run for `classifiers.turns`, whose news are what the page has to
        be told, as `tell` makes it. Afterwards see `phase`.

        A consumer that closes this generator has left the page: the run is given up.
        """
        with self._lock:
            if self.phase != "ready":
                return
            self.phase, self._stopped = "running", threading.Event()
        try:
            yield Expect(self.run.seconds)
            yield None
            self._open()
            yield self.tell()
            yield Together(self.run.steps, self._take, until=self._stopped.is_set)
        except BaseException:
            self.close()
            raise
        with self._lock:
            if self.phase != "closed":
                self.phase = "done" if self.run.done else "paused"
        if self.phase == "done":
            self.pile = self.pile.add(self.run.world())
            self.close(phase="done")

    def _open(self) -> None:
        """What every message says of the pile and the world: the page may have missed others."""
        truth_of(self.pile.config)  # once, before three threads ask for it
        start = {"rule": self.rule, "pile": self.pile_id, "world": self.world}
        if self.world == 0:  # else the page has it
            start["summary"] = show_pile(self.pile, self.pile_id)
        self._start, self._points = start, _show_points(self.pile, self.world)

    def _take(self, name: str, news: News) -> dict[str, Any] | None:
        self.run.take(name, news)
        if news.region is not None:
            self.seen[name].append(news)
        return self.tell() if self._pace.due() else None

    def tell(self) -> dict[str, Any]:
        """How far it is: `phase`, `share` of the training, `text`, and the world so far, all of it
        each time, since a page may have missed what came before."""
        phase = self.run.phase
        reached, epochs = self.run.reached, self.run.epochs
        share = sum(reached.values()) / (len(NAMES) * epochs)
        return {
            **self.start,
            "phase": phase,
            "share": round(share, 3),
            "text": "Scoring on fresh points…"
            if phase == "scoring"
            else f"Training: {self.where}.",
            **({"grown": self._grown()} if self._start else {}),
        }

    @property
    def start(self) -> dict[str, Any]:
        return self._start or {"rule": self.rule, "pile": self.pile_id, "world": self.world}

    @property
    def where(self) -> str:
        """What each network has reached."""
        reached = ", ".join(f"{TITLES[n].lower()} {self.run.reached[n]:,}" for n in NAMES)
        return f"{reached} (of {counted(self.run.epochs, 'epoch')})"

    def _grown(self) -> dict[str, Any]:
        """`points` as in a world's detail; for each network `regions` and `scores` (epochs so far,
        6): fresh ones are of few points."""
        seen = [self.seen[name] for name in NAMES]
        scores = [[news.scores for news in part if news.scores is not None] for part in seen]
        regions = [[news.region for news in part if news.region is not None] for part in seen]
        return {
            "points": self._points,
            "scores": [
                pack_array(np.reshape(part, (len(part), len(SCORES))), "f32") for part in scores
            ],
            "regions": [pack_regions(part, [len(part)]) for part in regions],
        }

    def close(self, phase: str = "closed") -> None:
        """Ends the training and frees what it holds; the pile stays."""
        with self._lock:
            self.phase = phase
            self._stopped.set()
        self.run.close()


def _show_points(pile: Pile, k: int) -> dict[str, Any]:
    """x, y in the regions' coordinates, class, whether it tests, (N, 4)."""
    world = draw_world(world_runs(pile.config)["good"], seeds_of(pile.config, k))
    is_test = np.isin(np.arange(len(world.dataset.y)), world.test)
    places = to_steps(world.dataset.x, pile.truth.extent)
    table = np.column_stack([places, world.dataset.y, is_test])
    return pack_array(table.clip(-32768, 32767), "i16")


LiveRun._all = StoppedRuns(lambda run: run.phase == "paused", LiveRun.close)
