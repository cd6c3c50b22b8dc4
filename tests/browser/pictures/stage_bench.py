"""The stage alone in a page, and a server that answers when it is told to."""

import itertools
import json
import re
from pathlib import Path
from typing import Any

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.endless import Run
from classifiers.ui.film import endless
from classifiers.ui.film.endless import RunNews
from classifiers.ui.playground.fields import page_settings
from classifiers.ui.playground.play import _describe
from classifiers.ui.playground.stage import answer, look, pack, scene_of
from classifiers.ui.static import address, asset
from tests.browser.pictures.bench import base
from tests.conftest import forgotten
from tests.snapshots.page import SHOWN, PageSnapshots

SCRIPT = (Path(__file__).parent / "stage.js").read_text().strip()
STAGE = ".playground"
# Presses by who would be pressed; a key goes to what has the focus, or to a place.
PRESS = "(place) => document.querySelector(place).click()"
KEY = """([place, key]) => document.querySelector(place).dispatchEvent(
  new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))"""
SET = """([place, value]) => {
  const box = document.querySelector(place);
  box.value = value;
  for (const name of ['input', 'change']) box.dispatchEvent(new Event(name, { bubbles: true }));
}"""
WORDS = re.compile(r"<text[^>]*>[^<]*|<circle[^>]*|<(?:svg|rect|image) [^>]*?(?=href|>)")
SAVED = """async () => {
  const files = [];
  for (const { blob, name } of bench.saved.splice(0)) {
    const text = blob.type.startsWith('image/svg') ? await blob.text() : `${blob.size} bytes`;
    files.push([name, text]);
  }
  return files;
}"""


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
            self._news.take(update)
        return self._news.message()

    def paused(self, state: str = "paused") -> str:
        *_, last = self.run.conclude()
        return self._news.whole(state, last.result)


class StageBench(PageSnapshots):
    """Looks at the stage, and what it asked for since the look before."""

    def __init__(self, page: Any, url: str, name: str, *, update: bool) -> None:
        super().__init__(page, name, STAGE, update=update)
        self._url = url
        self.weights = "AAAA"
        self._open: list[Any] = []  # questions that are not answered yet

    def open(self, settings: dict[str, Any] | None = None, query: str = "", **about: Any) -> None:
        """`about`: more that Python says as the page opens; `late`: it says nothing yet."""
        late = about.pop("late", False)
        forgotten(self.page, self._url)
        self.page.emulate_media(reduced_motion="no-preference")
        self.page.goto(f"{self._url}/{query}")
        told = look(PlaygroundConfig.parse(settings or {}))
        self.opening = pack({**told, "hidden": [], "built": not settings, **about})
        self.page.evaluate(
            SCRIPT,
            [base(), asset("playground/stage.html"), {**page_settings(), "space": "", "later": []},
             "" if late else self.opening, f"/{address('bundles/page.css')}"],
        )  # fmt: skip
        self.wait()

    def _rest(self) -> None:
        self.wait()

    def wait(self, milliseconds: int = 32) -> None:
        self.page.evaluate("(time) => bench.advance(time)", milliseconds)

    def press(self, *parts: str) -> None:
        for part in parts:
            place = part if part.startswith(("[", ".", "#")) else f"[data-part={part}]"
            self.page.evaluate(PRESS, place)

    def key(self, place: str, key: str) -> None:
        self.page.evaluate(KEY, [place, key])

    def set(self, path: str, value: Any) -> None:
        """Of a setting by its path, where it stands first."""
        self.page.evaluate(SET, [f"[data-path='{path}'] :is(select, input)", str(value)])

    def tell(self, value: str) -> None:
        """A message of the run."""
        self.page.evaluate("(text) => { bench.props.value = text; bench.tell(); }", value)
        self.wait(0)

    def reply(self, text: str) -> None:
        self.page.evaluate("(text) => { bench.props.answer = text; bench.tell(); }", text)
        self.wait()

    def asked(self) -> list[list[Any]]:
        """What was asked of the server since the last time."""
        told = self.page.evaluate("bench.triggers.splice(0)")
        self._open += [about for name, about in told if name == "ask"]
        return [[name, dict(about)] for name, about in told]

    def serve(self, ran: PlaygroundConfig | None = None) -> list[Any]:
        """Answers what is asked, as long as there are questions; those, without their configs."""
        told = []
        while (asked := self.asked()) or self._open:
            told += [brief(*one) for one in asked]
            for about in self._open:
                self.reply(answer(about, lambda: self.weights, ran))
            self._open = []
        return told

    def see(self, name: str) -> None:
        """All of the stage, with what it has asked for and saved since."""
        lines = self.page.evaluate(SHOWN, [STAGE]).splitlines()
        self.hold(name, [f"page {self.page.evaluate('location.search')}", *lines])

    def saved(self) -> list[Any]:
        return self.page.evaluate(SAVED)

    def saved_words(self) -> list[Any]:
        """Of drawings: their texts, and where what was drawn stands."""
        return [[name, " | ".join(WORDS.findall(text)) or text] for name, text in self.saved()]

    def kept(self) -> list[str]:
        """The runs that are kept to compare, each in a line."""
        return self.page.evaluate("bench.kept")

    def attribute(self, name: str) -> str:
        return self.page.get_attribute(STAGE, f"data-{name}")


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
