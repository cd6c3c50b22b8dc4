"""A component of the page alone, and a server that answers when it is told to."""

import re
import time
from pathlib import Path
from typing import Any

from tests.browser.pictures.bench import base
from tests.conftest import forgotten
from tests.snapshots.page import SHOWN, PageSnapshots

SCRIPT = (Path(__file__).parent / "looks" / "alone.js").read_text().strip()
PRESS = "(place) => document.querySelector(place).click()"
KEY = """([place, key]) => document.querySelector(place).dispatchEvent(
  new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))"""
SET = """([place, value]) => {
  const box = document.querySelector(place);
  box.value = value;
  for (const name of ['input', 'change']) box.dispatchEvent(new Event(name, { bubbles: true }));
}"""
SAVED = """async () => {
  const files = [];
  for (const { blob, name } of bench.saved.splice(0)) {
    const text = blob.type.startsWith('image/svg') ? await blob.text()
      : blob.type.startsWith('image') ? `a picture, ${blob.size > 5000}` : `${blob.size} bytes`;
    files.push([name, text]);
  }
  return files;
}"""
WORDS = re.compile(r"<text[^>]*>[^<]*|<circle[^>]*|<(?:svg|rect|image) [^>]*?(?=href|>)")


class Alone(PageSnapshots):
    """Looks at a component, whose `place` is the id it has in the page."""

    place = module = html = shown = ""
    linked = ("bundles/page.css",)
    style = ""

    def __init__(self, page: Any, url: str, name: str, *, update: bool) -> None:
        super().__init__(page, name, self.shown, update=update)
        self._url = url
        self._open: list[Any] = []  # questions that are not answered yet

    def start(self, settings: Any, props: dict[str, Any], query: str = "") -> None:
        forgotten(self.page, self._url)
        self.page.emulate_media(reduced_motion="no-preference")
        self.page.goto(f"{self._url}/{query}")
        style = {"linked": self.linked, "text": self.style}
        given = [base(), self.place, self.module, self.html, settings, props, style]
        self.page.evaluate(SCRIPT, given)
        self.wait()

    def rest(self) -> None:
        self.wait()

    def wait(self, milliseconds: int = 32) -> None:
        self.page.evaluate("(time) => bench.advance(time)", milliseconds)

    def until(self, what: str) -> None:
        """Until the page itself, whose time goes on as ever, has done something."""
        deadline = time.monotonic() + 60
        while not self.page.evaluate(what):
            assert time.monotonic() < deadline, what
            time.sleep(0.02)

    def press(self, *parts: str) -> None:
        for part in parts:
            place = part if part.startswith(("[", ".", "#")) else f"[data-part={part}]"
            self.page.evaluate(PRESS, place)

    def key(self, place: str, *keys: str) -> None:
        for key in keys:
            self.page.evaluate(KEY, [place, key])

    def write(self, place: str, value: Any) -> None:
        self.page.evaluate(SET, [place, str(value)])

    def tell(self, name: str, text: str) -> None:
        """A value of the component that comes."""
        self.page.evaluate(
            "([name, text]) => { bench.props[name] = text; bench.tell(); }", [name, text]
        )
        self.wait(0)

    def asked(self) -> list[list[Any]]:
        """What was asked of the server since the last time."""
        told = self.page.evaluate("bench.triggers.splice(0)")
        self._open += [about for name, about in told if name in ("ask", "want")]
        return [[name, dict(about or {})] for name, about in told]

    def see(self, name: str) -> None:
        self.page.evaluate("bench.settle()")
        lines = self.page.evaluate(SHOWN, [self.shown]).splitlines()
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
        return self.page.get_attribute(self.shown, f"data-{name}")
