"""Sweeps as their time is told to pass: dots that are picked, a film, runs that are left."""

import json
from typing import Any

import pytest

from classifiers.recipes.sweep.run import run_sweep
from classifiers.ui.capstone.sweep import page as sweeps
from classifiers.ui.capstone.sweep.ask import read_network, read_question
from classifiers.ui.capstone.sweep.member import member_messages
from classifiers.ui.static import asset
from tests.answers.thinned import hold
from tests.browser.pictures.alone import Alone
from tests.browser.pictures.bench import base
from tests.ui.capstone.swept import TINY, SweepConfig

BOARD = "[data-part=board]"
QUESTION = """async ([base, event]) => {
  const { question } = await import(new URL(`${base}/capstone/sweep/asked.js`, location.origin));
  return question(event);
}"""
POINT = """([kind, selector]) => {
  const board = document.querySelector('[data-part=board]');
  const { left, top, width, height } = board.querySelector(selector).getBoundingClientRect();
  board.dispatchEvent(new PointerEvent(kind, { clientX: left + width / 2, clientY: top + height / 2,
    bubbles: true }));
}"""


class Sweeps(Alone):
    place, module, shown = "sweeps", "capstone/sweep/sweep", ".sweeps"
    html = asset("capstone/sweep/sweep.html")
    style = f"#sweeps {{ {asset('capstone/sweep/sweep.css')} }}"

    def question(self, event: str) -> dict[str, Any]:
        return read_question(self.page.evaluate(QUESTION, [base(), event]))

    def point(self, kind: str, selector: str) -> None:
        self.page.evaluate(POINT, [kind, selector])
        self.wait()

    def note(self, about: str) -> None:
        """What was asked, without the config and the name of the page."""
        told = []
        for name, question in self.asked():
            for key in ("config", "page"):
                (question or {}).pop(key, None)
            told.append([name, question])
        hold(self, f"asked: {about}", told)


@pytest.fixture
def seen(request, shared_page, files):
    update = request.config.getoption("--update-snapshots")
    bench = Sweeps(shared_page, files, "sweeps-alone", update=update)
    bench.start(sweeps._settings(), {"value": "", "told": "", "cost": "", "network": ""})
    yield bench
    bench.close()
    assert shared_page.evaluate("bench.errors") == []
    shared_page.goto(files)
    shared_page.emulate_media(reduced_motion="reduce")


def swept(**asked: Any) -> tuple[SweepConfig, list[Any]]:
    config = SweepConfig.parse({**TINY, "members": 3, "epochs": 6, **asked})
    *_, last = run_sweep(config)
    return config, last.result["rows"]


def shown(config: SweepConfig, rows: list[Any], findings: list[str], **about: Any) -> str:
    view = sweeps._view(config, dict(enumerate(rows)), findings, "own")
    return sweeps._pack({**view, **about})


def test_sweeps_that_are_pointed_at(seen):
    seen.see("opened")
    seen.tell("value", sweeps._pack(sweeps.missing("one", sweeps._FIRST, None, "No record.")))
    seen.see("no record")
    seen.press("run")
    (_, asked), *_ = seen.asked()
    config, rows = swept(values=[1, 6, 12])
    press = {"press": asked["press"]}
    seen.tell("told", sweeps._pack({"status": "Value 1 of 3, epoch 2…", **press}))
    seen.tell("value", shown(config, rows[:1], [], **press))
    seen.see("one value")
    seen.tell("value", shown(config, rows[:2], [], press=asked["press"] + 1))
    said = ["It can't be told at 5 %.", "Two.", "Three cannot tell.", "Four."]
    unlike = json.loads(shown(config, rows, said, **press))
    unlike["columns"][1]["ranks"].pop()
    seen.tell("value", json.dumps(unlike))
    keys = "End ArrowLeft ArrowUp ArrowLeft ArrowUp ArrowRight ArrowRight"
    for i, key in enumerate(keys.split()):
        seen.key(BOARD, key)
        seen.see(f"{i} {key}, beside a value of fewer networks")
    seen.tell("value", shown(config, rows, said, **press))
    seen.tell("told", sweeps._pack({"status": "Done.", "running": False, **press}))
    seen.see("all values")
    seen.note("run")
    seen.point("pointermove", ".dot.test")
    seen.see("pointed at")
    seen.point("pointerleave", ".dot")
    keys = "ArrowLeft ArrowUp Home ArrowDown End ArrowRight ArrowRight q"
    for i, key in enumerate(keys.split()):
        seen.key(BOARD, key)
        seen.see(f"{i} {key}")
        seen.wait(700 if key == "End" else 16)
    seen.note("keys")
    seen.press("[data-measure=loss]")
    seen.see("loss")
    trained_again(seen)
    two_at_once(seen)


def trained_again(seen: Sweeps) -> None:
    """The network that was picked, and its film."""
    seen.point("click", "circle.dot.fresh")
    seen.key(BOARD, "Enter")
    first, asked = [about for name, about in seen.asked() if name == "pick"]
    *_, film = (news for news in member_messages(read_network(asked)) if isinstance(news, str))
    seen.tell("network", json.dumps({**json.loads(film), "asked": first["asked"]}))
    seen.see("of another press")
    seen.tell("network", film)
    seen.see("trained again")
    epochs = []
    for part, times in (("play", 5), ("play", 2), ("play", 9)):
        seen.press(f"[data-part=film] [data-part={part}]")
        for _ in range(times):
            seen.wait(48)
            epochs.append(seen.page.get_attribute("[data-part=member]", "data-epoch"))
    for key in ("Home", "ArrowRight", "ArrowLeft", "ArrowLeft", "End", "x"):
        seen.key("canvas.picture", key)
        epochs.append(seen.page.get_attribute("[data-part=member]", "data-epoch"))
    hold(seen, "epochs", epochs, longest=40)
    seen.write("[data-part=moment]", 1)
    seen.see("a moment of it")
    seen.press("csv")
    assert [name for name, _ in seen.saved()] == ["sweep.csv"]


def two_at_once(seen: Sweeps) -> None:
    config, rows = swept(values=[2, 8], and_over="learning_rate", and_values=[0.01, 0.1, 1])
    seen.press("[data-kind=two]:is(button)")
    hold(seen, "chosen", seen.question("choose"))
    seen.press("run", "stop", "run")
    press = {"press": max(one["press"] for name, one in seen.asked() if name == "compute")}
    seen.tell("value", shown(config, rows, ["One."], **press))
    seen.see("two at once")
    for key in ("ArrowRight", "ArrowUp", "ArrowUp", "ArrowUp", "ArrowLeft", "ArrowDown", "Home"):
        seen.key(BOARD, key)
    seen.see("keys in cells")
    seen.point("pointermove", ".cell[data-index='4']")
    seen.see("a cell")
    seen.press(".own > summary")
    seen.write("[data-part=values]", "3, x")
    hold(seen, "weighed", seen.question("weigh"))
    seen.tell("cost", sweeps._pack({"error": "x is no number."}))
    seen.see("wrong")
    seen.tell("told", sweeps._pack({"status": "", "running": False, "error": "No room.", **press}))
    seen.press(".axes button")
    seen.note("at last")
    seen.see("another was chosen")
