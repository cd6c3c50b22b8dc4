"""The worlds of the capstone alone, and one that its server trains, step by step."""

import json
from typing import Any

from classifiers.config import CapstoneConfig
from classifiers.recipes.capstone.worlds.pile import Pile
from classifiers.ui.capstone.live import LiveRun
from classifiers.ui.capstone.tab import _done, _fields
from classifiers.ui.capstone.worlds import OWN, answer, pack, rules
from classifiers.ui.static import asset
from tests.browser.pictures.alone import Alone


class Grown:
    """A world of a visitor's own rule, trained as far as it is told to."""

    def __init__(self, pile: Pile, name: str = "one") -> None:
        self.live = LiveRun(OWN, pile, name)
        self.live._open()

    @classmethod
    def begin(cls, **settings: Any) -> "Grown":
        return cls(Pile(OWN, CapstoneConfig.parse(settings)))

    def tell(self, **about: Any) -> str:
        return pack({**self.live.tell(), **about})

    def train(self, looks: int) -> None:
        """Each network until it was looked at so many times more."""
        for name in self.live.run.steps:
            wanted = len(self.live.seen[name]) + looks
            while len(self.live.seen[name]) < wanted and self._step(name):
                pass

    def _step(self, name: str) -> bool:
        news = next(self.live.run.steps[name], None)
        if news is not None:
            self.live._take(name, news)
        return news is not None

    def done(self) -> str:
        for name in self.live.run.steps:
            while self._step(name):
                pass
        self.live.pile = self.live.pile.add(self.live.run.world())
        return _done(self.live)

    def next(self) -> "Grown":
        return Grown(self.live.pile, self.live.pile_id)


class WorldsBench(Alone):
    place, module, shown = "capstone-worlds", "capstone/worlds/worlds", ".worlds"
    html = asset("capstone/worlds/worlds.html")
    style = f"#capstone-worlds {{ {asset('capstone/worlds/worlds.css')} }}"

    def open(self) -> None:
        page = {"rules": rules(), "fields": _fields()}
        self.start(page, {"value": "", "live": "", "judged": ""})

    def serve(self) -> list[str]:
        """Answers what is asked for, as long as there are questions."""
        told = []
        while (asked := self.asked()) or self._open:
            told += [f"{name} {json.dumps(about, sort_keys=True)}" for name, about in asked]
            for about in self._open:
                self.tell("value", answer(about))
            self._open = []
        return told

    def choose(self, rule: str) -> None:
        self.write("[data-part=rule]", rule)
