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

    def paused(self, state: str = "paused") -> str:
        *_, last = self.run.conclude()
        return self._news.whole(state, last.result)


class StageBench(Alone):
    """Looks at the stage."""

    place, module, shown = "playground-stage", "playground/stage", ".playground"
    html = asset("playground/stage.html")
    weights = "AAAA"

    def open(self, settings: dict[str, Any] | None = None, query: str = "", **about: Any) -> None:
        """`about`: more that Python says as the page opens; `late`: it says nothing yet."""
        late = about.pop("late", False)
        told = look(PlaygroundConfig.parse(settings or {}))
        self.opening = pack({**told, "hidden": [], "built": not settings, **about})
        page = {**page_settings(), "space": "", "later": []}
        self.start(page, {"value": "", "answer": "" if late else self.opening}, query)

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
        f"{name} {words} of {dataset['name']}, rate {training['learning_rate']}, "
        f"seed {training['seed']}, {config['network']['widths']}"
    )
