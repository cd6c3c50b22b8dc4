"""The stage alone, and a run as its server trains it."""

import itertools
import json
from typing import Any

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.endless import Run
from classifiers.ui.film import endless
from classifiers.ui.film.endless import RunNews
from classifiers.ui.playground.fields import page_settings
from classifiers.ui.playground.play import _describe
from classifiers.ui.playground.stage import answer, look, pack, scene_of
from classifiers.ui.static import asset
from tests.browser.pictures.alone import Alone

MOONS = {"dataset": {"name": "moons", "samples": 80}, "network": {"widths": [4, 3]}}
SLIDER = ".plot[role=slider]"


class Trained:
    """A run as the server trains and tells it, an epoch when it is asked for."""

    def __init__(self, config: PlaygroundConfig, name: str, monkeypatch: Any) -> None:
        class Clock:
            """Of which each look is a second after the one before."""

            seconds = itertools.count(1000)

            @classmethod
            def monotonic(cls) -> float:
                return float(next(cls.seconds))

        monkeypatch.setattr(endless, "time", Clock)
        self.run = Run(config, scene_of(config))
        self._news = RunNews(self.run, _describe, name)
        for _ in self.run.advance(0):
            pass

    def begun(self) -> str:
        return self._news.whole("running")

    def train(self, epochs: int) -> str:
        for update in self.run.advance(self.run.epoch + epochs):
            if self.run.is_between_epochs:  # else it took long
                self._news.take(update)
        return self._news.message()

    def paused(self, state: str = "paused", query: str | None = None) -> str:
        """`query`: the settings as they are by then, as the address has them."""
        *_, last = self.run.conclude()
        told = self._news.whole(state, last.result)
        return told if query is None else json.dumps({**json.loads(told), "query": query})


class StageBench(Alone):
    """Looks at the stage."""

    place, module, shown = "playground-stage", "playground/stage", ".playground"
    html = asset("playground/stage.html")
    weights = "AAAA"

    def open(self, settings: dict[str, Any] | None = None, query: str = "", **about: Any) -> None:
        """`about`: more that Python says as the page opens; `late`: it says nothing yet;
        `later`: what is fetched later.
        """
        late, later = about.pop("late", False), about.pop("later", [])
        told = look(PlaygroundConfig.parse(settings or {}))
        self.opening = pack({**told, "hidden": [], "built": not settings, **about})
        page = {**page_settings(), "space": "", "later": later}
        self.start(page, {"value": "", "answer": "" if late else self.opening}, query)

    def see(self, name: str) -> None:
        """Once what is to be drawn by now is drawn."""
        self.wait(0)
        super().see(name)

    def set(self, path: str, value: Any) -> None:
        """Of a setting by its path, where it stands first."""
        self.write(f"[data-path='{path}'] :is(select, input)", value)

    def serve(self, ran: PlaygroundConfig | None = None) -> list[Any]:
        """Answers what is asked, as long as there are questions; those, without their configs."""
        told = []
        while (asked := self.asked()) or self._open:
            told += [brief(*one) for one in asked]
            for about in self._open:
                self.tell("answer", answer(about, lambda: self.weights, ran))
            self._open = []
        return told


def brief(name: str, about: dict[str, Any]) -> str:
    """A press without its config, of which some settings are told."""
    config = about.pop("config", None)
    words = json.dumps(about, sort_keys=True)
    if not config:
        return f"{name} {words}"
    training, dataset = config["training"], config["dataset"]
    return (
        f"{name} {words} of {dataset['name']} {dataset['noise']}, "
        f"rate {training['learning_rate']}, seed {training['seed']}, {config['network']['widths']}"
    )


def name_of(asked) -> str:
    """Of the run that was pressed to play."""
    return next(about["run"] for name, about in asked if name in ("play", "step"))


class Shown:
    """A stage, the run that it was pressed to play, and all that it asked for."""

    def __init__(self, seen: StageBench, monkeypatch: Any) -> None:
        self.seen, self._patch = seen, monkeypatch
        self.asked: list[Any] = []

    def note(self, about: str = "") -> None:
        self.asked += [about, *(brief(*one) for one in self.seen.asked())]

    def begin(self, press: str = "play") -> Trained:
        """Presses, and trains what is asked for."""
        self.seen.press(press)
        asked = self.seen.asked()
        config = PlaygroundConfig.parse(asked[-1][1]["config"])
        self.asked += [f"begun by {press}", *(brief(name, dict(about)) for name, about in asked)]
        return Trained(config, name_of(asked), self._patch)

    def epochs(self, times: int, step: int = 33) -> None:
        """As they are shown one after the other."""
        shown = []
        for _ in range(times):
            self.seen.wait(step)
            shown.append(f"{self.seen.attribute('epoch')} {self.seen.attribute('phase')}")
        self.asked.append(", ".join(shown))

    def training(self, epochs: int, press: str = "play") -> Trained:
        """A run that has begun by a press, and told of so many epochs."""
        run = self.begin(press)
        self.seen.tell("value", run.begun())
        self.seen.tell("value", run.train(epochs))
        return run

    def paused(self, run: Trained, epochs: int) -> None:
        """The run after so many epochs, at rest."""
        self.seen.tell("value", run.begun())
        self.seen.tell("value", run.train(epochs))
        self.seen.wait(400)
        self.seen.press("play")
        self.seen.tell("value", run.paused())
        self.seen.wait(64)
