"""What the page shows, whole, held against what was looked at and kept."""

import re
from pathlib import Path
from typing import Any

from tests.snapshots import Snapshots

SHOWN = Path(__file__).with_suffix(".js").read_text()
# Until nothing plays, and nothing has changed for so many milliseconds.
AT_REST = """() => new Promise((done) => {
  const rest = () => {
    const moves = document.getAnimations().some((one) => one.playState === 'running');
    if (moves || document.querySelector('[aria-label^="Pause"]')) return wait();
    watch.disconnect();
    requestAnimationFrame(() => done());
  };
  let timer = null;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(rest, 120);
  };
  const watch = new MutationObserver(wait);
  wait();
  watch.observe(document.body, { subtree: true, childList: true, attributes: true,
    characterData: true });
})"""
MEASURED = re.compile(r"[-−]?\d+(?:[.,]\d+)*")
PICTURES = re.compile(r"data:[^\"')]*")
DRAWN = """(svg) => {
  const place = Object.assign(document.createElement('div'), { id: 'saved', innerHTML: svg });
  document.body.append(place);
}"""


class PageSnapshots(Snapshots):
    """The looks at one page: what is in sight of these places of it."""

    near = 0.6  # pixels, and levels of six of a colour

    def __init__(self, page: Any, name: str, *selectors: str, update: bool) -> None:
        super().__init__(name, update=update)
        self.page = page
        self._selectors = selectors
        self._asked: set[Any] = set()
        self._watch = {
            "request": lambda one: self._asked.add(one),
            "requestfinished": lambda one: self._asked.discard(one),
            "requestfailed": lambda one: self._asked.discard(one),
        }
        for event, note in self._watch.items():
            page.on(event, note)

    def close(self) -> None:
        for event, note in self._watch.items():
            self.page.remove_listener(event, note)
        super().close()

    def rest(self) -> None:
        """Until what was asked of the server is answered, and the page is at rest."""
        self.page.evaluate(AT_REST)
        while any("/heartbeat/" not in one.url for one in self._asked):
            self.page.wait_for_timeout(30)
            self.page.evaluate(AT_REST)

    def look(self, name: str, *, numbers: bool = True) -> None:
        """Without `numbers` where networks train too long for two processors to agree."""
        self.rest()
        lines = self.page.evaluate(SHOWN, list(self._selectors)).splitlines()
        self.hold(name, lines if numbers else [MEASURED.sub("#", line) for line in lines])

    def look_at_file(self, name: str, press: Any) -> None:
        """What is saved by a press: a picture as the page's own are, of a long table some rows."""
        with self.page.expect_download() as download:
            press()
        text = download.value.path().read_text()
        lines = text.splitlines()
        lines = lines[:: max(1, len(lines) // 40)]
        if text.startswith("<svg"):
            self.page.evaluate(DRAWN, PICTURES.sub("data:", text))
            lines = self.page.evaluate(SHOWN, ["#saved"]).splitlines()
            self.page.evaluate("document.querySelector('#saved').remove()")
        self.hold(name, lines, alone=True)
