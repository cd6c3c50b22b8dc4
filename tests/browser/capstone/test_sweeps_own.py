"""A visitor's own sweeps: what they compute is known from the CSV that the page saves."""

import re

import numpy as np
import pytest

from classifiers.config import SweepConfig
from classifiers.recipes.sweep.parts import sweep_digest
from tests.browser.capstone.sweeps_page import (
    DEADLINE,
    PIXELS,
    axis,
    board,
    choose,
    part,
    run_own,
    saved,
)  # fmt: skip
from tests.browser.test_access import busy
from tests.conftest import ROOT, in_window

KEPT = ROOT / ".cache" / "sweeps"


@pytest.fixture
def sweeps(shipped):
    """The same tab, for a visitor's own sweep: with what ships on show."""
    choose(shipped, "width")
    return shipped


def test_an_own_sweep_grows_and_its_dots_open_their_networks(sweeps, screenshot):
    config = SweepConfig.parse({"values": [1, 3, 8], "members": 10, "epochs": 30})
    kept = KEPT / f"{sweep_digest(config)}.jsonl"
    kept.unlink(missing_ok=True)  # an earlier run of these tests did it already
    run_own(sweeps, values="1, 3, 8", members="10", **{"epochs-box": "30"}, wait=False)
    grown = "document.querySelectorAll('#sweeps .board .dot').length"
    sweeps.wait_for_function(f"{grown} > 0 && {grown} < 60", timeout=DEADLINE)
    part(sweeps, "status").filter(has_text="Done.").wait_for(timeout=DEADLINE)
    assert kept.exists()
    lines = saved(sweeps)
    assert len(lines) == 30
    told = board(sweeps)
    place = axis(told["y"], log=False)
    for dot in told["dots"]:
        line = lines[10 * int(dot["index"]) + int(dot["member"])]
        if not dot["cut"]:
            wanted = place(float(line[f"{dot['set']}_accuracy"]))
            assert dot["y"] == pytest.approx(wanted, abs=PIXELS)
    dot = next(d for d in told["dots"]
               if (d["index"], d["member"], d["set"]) == ("2", "4", "fresh"))  # fmt: skip
    sweeps.locator("#sweeps .board svg").click(position={"x": dot["x"], "y": dot["y"]})
    sweeps.locator('#sweeps [data-part="member"][data-state="done"]').wait_for(timeout=DEADLINE)
    chosen = re.search(r"Width (\d+), network (\d+)", part(sweeps, "text").inner_text())
    line = next(one for one in lines if one["width"] == chosen[1]
                and int(one["network"]) == int(chosen[2]) - 1)  # fmt: skip
    assert chosen[1] == "8"
    text = part(sweeps, "text").inner_text()
    for name, word in (("train", "training"), ("test", "test"), ("fresh", "fresh")):
        assert f"{word} {100 * float(line[f'{name}_accuracy']):.1f} %" in text
    assert part(sweeps, "news").inner_text().endswith("the same network, digit by digit.")
    member = part(sweeps, "member")
    assert member.get_attribute("data-epoch") == "30"
    film = part(sweeps, "moment")
    film.focus()
    film.press("Home")
    assert member.get_attribute("data-epoch") == "0"
    part(sweeps, "play").click()  # whoever wants little motion sees the end
    assert member.get_attribute("data-epoch") == "30"
    assert part(sweeps, "curves").locator("polyline").count() >= 4
    screenshot(sweeps, "capstone-sweep")


OWN = "document.querySelector('#sweeps .sweeps').dataset.source === 'own'"


def stop_once(page, condition: str) -> None:
    """In the page itself: a click from here may come after the run's end."""
    page.wait_for_function(
        f"""() => {{
          const stop = document.querySelector('#sweeps [data-part="stop"]');
          if (stop.hidden || !({condition})) return false;
          stop.click();
          return true;
        }}""",
        timeout=DEADLINE,
    )
    part(page, "status").filter(
        has_text="Stopped. Values that were done are kept: run it again and it goes on."
    ).wait_for()


def test_a_sweep_that_was_stopped_goes_on(sweeps):
    boxes = {"values": "2, 4, 128, 129, 130", "members": "20", "epochs-box": "500"}
    run_own(sweeps, **boxes, wait=False)
    grown = "document.querySelectorAll('#sweeps .board .dot').length"
    stop_once(sweeps, f"{OWN} && {grown} >= 40")
    part(sweeps, "run").wait_for()
    before = saved(sweeps)
    assert part(sweeps, "status").inner_text().startswith("Stopped."), "late news took its place"
    assert 20 <= len(before) < 100
    run_own(sweeps, **boxes, wait=False)
    stop_once(sweeps, f"{OWN} && {grown} >= {2 * len(before)}")
    assert saved(sweeps)[: len(before)] == before


# Both presses before the server can have answered the first.
AT_ONCE = """() => {
  const part = (name) => document.querySelector(`#sweeps [data-part="${name}"]`);
  part('run').click();
  part('stop').click();
}"""


def test_a_sweep_is_stopped_in_the_moment_it_was_begun_and_another_runs(sweeps, server):
    part(sweeps, "own").evaluate("(own) => { own.open = true; }")
    for name, text in {"values": "128", "members": "30", "epochs-box": "1000"}.items():
        part(sweeps, name).fill(text)
        part(sweeps, name).press("Tab")
    part(sweeps, "cost").filter(has_text=re.compile("^(About|Under)")).wait_for()
    sweeps.evaluate(AT_ONCE)
    assert part(sweeps, "status").inner_text().startswith("Stopped. ")
    assert part(sweeps, "run").is_visible()
    sweeps.wait_for_timeout(1500)
    assert busy(server.process.pid) < 0.1, "the server goes on with what nobody wants"
    assert part(sweeps, "status").inner_text().startswith("Stopped. ")
    assert sweeps.locator("#sweeps .sweeps").get_attribute("data-source") == "shipped"
    run_own(sweeps, values="2, 8", members="3", **{"epochs-box": "10"})
    assert len(saved(sweeps)) == 6
    check_few_worlds(sweeps)


def check_few_worlds(page) -> None:
    """They are dots, and no claims."""
    assert "claims nothing" in part(page, "cost").inner_text()
    told = board(page)
    assert len(told["dots"]) == 12
    assert told["medians"] == {"fresh": None, "test": None}
    assert "more than chance" not in part(page, "findings").inner_text()


def test_what_is_wrong_is_said_by_the_name_of_its_box_and_enter_runs_what_is_right(sweeps):
    run_own(sweeps, values="2, 999", wait=False)
    part(sweeps, "cost").filter(has_text="Values, number 2: ").wait_for()
    run_own(sweeps, values="256", members="500", **{"epochs-box": "2000"}, wait=False)
    part(sweeps, "cost").filter(has_text="Worlds a value: a sweep may take at most").wait_for()
    part(sweeps, "run").wait_for()
    assert not sweeps.evaluate(OWN), "what ships is left where nothing was run"
    for name, text in {"members": "4", "values": "2, 3", "epochs-box": "10"}.items():
        part(sweeps, name).fill(text)
        part(sweeps, name).press("Tab")
        part(sweeps, "cost").filter(has_text=re.compile("^(About|Under)")).wait_for()
        assert "Worlds a value: " not in part(sweeps, "cost").inner_text()
    part(sweeps, "members").fill("5")
    part(sweeps, "members").press("Enter")
    part(sweeps, "status").filter(has_text="Done.").wait_for(timeout=DEADLINE)
    assert len(board(sweeps)["dots"]) == 20
    assert len(saved(sweeps)) == 10


def test_two_at_once_are_cells_over_the_epochs(sweeps, screenshot):
    sweeps.locator('#sweeps button[data-kind="two"]').click()
    part(sweeps, "said").filter(has_text=re.compile("Not measured|worlds a cell")).wait_for()
    run_own(sweeps, over="width", values="1, 2, 8", and_over="samples", and_values="40, 80",
            members="10", **{"epochs-box": "30"})  # fmt: skip
    lines = saved(sweeps)
    medians = [
        np.median([float(one["fresh_accuracy"]) for one in lines
                   if (one["width"], one["samples"]) == (width, samples)])
        for width in ("1", "2", "8") for samples in ("40", "80")
    ]  # fmt: skip
    told = board(sweeps)
    assert told["numbers"] == [[i, f"{100 * value:.1f}"] for i, value in enumerate(medians)]
    for cell in told["cells"]:
        column = min(told["x"], key=lambda tick: abs(tick[0] - cell["x"] - 40))
        assert column[1] == ("1", "2", "8")[cell["index"] // 2]
    assert told["cells"][0]["y"] > told["cells"][1]["y"], "more points stand above fewer"
    ink = {
        cell["index"]: sum(map(float, re.findall(r"[\d.]+", cell["fill"])))
        for cell in told["cells"]
    }
    assert min(ink, key=ink.__getitem__) == int(np.argmax(medians))
    best = {max((0, 2, 4), key=medians.__getitem__), max((1, 3, 5), key=medians.__getitem__)}
    assert not best & set(told["ties"])
    when = part(sweeps, "when")
    when.focus()
    when.press("Home")
    assert part(sweeps, "when-text").inner_text() == "0"
    assert board(sweeps)["numbers"] != told["numbers"]
    assert part(sweeps, "findings").inner_text().startswith("After 0 epochs")
    when.press("End")
    assert part(sweeps, "when-text").inner_text() == "30"
    assert board(sweeps)["numbers"] == told["numbers"]
    place = sweeps.locator("#sweeps .board")
    place.focus()
    place.press("ArrowDown")
    place.press("ArrowLeft")
    place.press("ArrowDown")  # nothing is below
    assert part(sweeps, "text").inner_text().startswith("Width 2, number of points 40, network")
    place.press("Enter")
    sweeps.locator('#sweeps [data-part="member"][data-state="done"]').wait_for(timeout=DEADLINE)
    assert part(sweeps, "news").inner_text().endswith("the same network, digit by digit.")
    screenshot(sweeps, "capstone-two")
    check_saved = part(sweeps, "tools").locator('[data-save="svg"]')
    with sweeps.expect_download() as download:
        check_saved.click()
    assert f">{told['numbers'][0][1]}<" in download.value.path().read_text()


def test_nothing_overflows_on_a_phone(sweeps, screenshot):
    own = part(sweeps, "own")
    with in_window(sweeps, 390, 844, "dark"):
        if not own.evaluate("(own) => own.open"):
            own.locator("summary").click()
        for kind, said in (("two", "Not measured|worlds a cell"), ("one", "worlds a value")):
            sweeps.locator(f'#sweeps button[data-kind="{kind}"]').click()
            part(sweeps, "said").filter(has_text=re.compile(said)).wait_for()
            assert sweeps.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        screenshot(sweeps, "capstone-sweeps-390")
