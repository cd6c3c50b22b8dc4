"""The playground as people use it: every path through the tab, in Chromium, on the served app."""

import json
import re

import numpy as np
import pytest

from classifiers.config import PlaygroundConfig
from classifiers.recipes.playground.run import run_playground
from classifiers.ui.film.player import PALETTE
from tests.conftest import DESK, forgotten

STAGE = "#playground-stage .playground"
PICTURE = "#playground-stage [data-part=picture]"
DEADLINE = 30_000
MOONS = (
    "?dataset.name=moons&dataset.samples=300&training.optimizer=adam"
    "&training.learning_rate=0.01&training.epochs=60"
)
SHORT = MOONS.replace("epochs=60", "epochs=12")
SHIFT = """() => {
  window.shifted = 0;
  window.moving = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifted += entry.value;
  });
  window.moving.observe({ type: 'layout-shift' });
}"""


def opened(page, app_url: str, query: str = ""):
    page.goto(app_url + query)
    page.wait_for_selector(f"{STAGE}[data-phase=ready]", timeout=DEADLINE)
    return page


def press(page, part: str):
    page.click(f"#playground-stage [data-part={part}]")
    return page


def at(page, phase: str, **data):
    """Waits for a phase of the stage, and for what else its root tells."""
    wanted = "".join(f"[data-{key}='{value}']" for key, value in data.items())
    page.wait_for_selector(f"{STAGE}[data-phase={phase}]{wanted}", timeout=DEADLINE)
    return page


def data(page, name: str) -> str:
    return page.get_attribute(STAGE, f"data-{name}")


def text(page, part: str) -> str:
    return page.inner_text(f"#playground-stage [data-part={part}]")


def trained(page):
    """Plays to the epoch that the page's link names."""
    return at(press(page, "play"), "paused")


def setting(page, path: str):
    return page.locator(f"#playground-stage [data-path='{path}'] :is(select, input)").first


def accuracy(page) -> float:
    """What stands first in the slot, in percent."""
    return float(re.match(r"[\d.]+", page.inner_text("#playground-stage .lead b"))[0])


def unfold(page, elem_id: str) -> None:
    page.locator(f"#{elem_id} button").first.click()


@pytest.fixture
def done(shared_page, app_url):
    """A run that was played to its epoch, for tests that only look at it.

    `window.shifted` is how far anything moved meanwhile.
    """
    shared_page.set_viewport_size(DESK)
    if shared_page.evaluate("window.shifted === undefined"):  # the page is elsewhere
        opened(forgotten(shared_page, app_url), app_url, MOONS)
        shared_page.evaluate(SHIFT)
        trained(shared_page)
        shared_page.wait_for_timeout(300)
        shared_page.evaluate("window.moving.disconnect()")
    return shared_page


def test_what_is_read_off_the_page_is_what_python_trained(done, screenshot):
    config = PlaygroundConfig.parse(
        {
            "dataset": {"name": "moons", "samples": 300},
            "training": {"optimizer": "adam", "learning_rate": 0.01, "epochs": 60},
        }
    )
    *_, last = run_playground(config)
    metrics = last.result.metrics()
    assert data(done, "reached") == "60"
    assert accuracy(done) == pytest.approx(100 * metrics["test_accuracy"], abs=0.051)
    shown = done.inner_text("#playground-stage .figures-line")
    assert f"{100 * metrics['fresh_accuracy']:.1f} %" in shown
    assert f"{100 * metrics['bayes_accuracy']:.1f} %" in shown
    cells = done.locator("#playground-stage .matrix tbody td").all_inner_texts()
    counts = [0 if cell == "·" else float(cell) for cell in cells]
    assert counts == np.ravel(last.result.confusion).tolist()
    screenshot(done, "playground")


SEEN = f"""async () => {{
  for (const _ of [1, 2]) await new Promise(requestAnimationFrame);
  const part = (selector) => document.querySelector(`#playground-stage ${{selector}}`);
  return [document.querySelector('{STAGE}').dataset.epoch, part('[data-part=epoch]').innerText,
    part('.matrix tbody').innerText, part('[data-part=picture] canvas').toDataURL()];
}}"""


def test_scrubbing_asks_nothing_and_all_follows_the_epoch(done):
    done.wait_for_timeout(500)
    asked = []
    done.on("request", lambda request: asked.append(request.url))
    done.focus("#playground-stage [role=slider]")
    epochs, matrices, pictures = set(), set(), set()
    for _ in range(10):
        done.keyboard.press("ArrowLeft")
        epoch, told, matrix, picture = done.evaluate(SEEN)
        assert told == epoch
        epochs.add(epoch)
        matrices.add(matrix)
        pictures.add(picture)
    assert len(epochs) == len(pictures) == 10
    assert len(matrices) > 1
    assert asked == []
    done.keyboard.press("Home")
    done.wait_for_selector(f"{STAGE}[data-epoch='0']")
    assert "Nothing is learned yet" in text(done, "slot")
    done.keyboard.press("End")
    done.wait_for_selector(f"{STAGE}[data-epoch='60']")


def test_the_picture_has_the_colours_of_its_classes(done):
    """Read back: where the page says class k, the picture has k's colour."""
    told = done.evaluate(
        f"""() => {{
          const canvas = document.querySelector('{PICTURE} canvas');
          const context = canvas.getContext('2d');
          const near = [0.1, 0.9].map((share) =>
            [...context.getImageData(canvas.width * 0.5, canvas.height * share, 1, 1).data]);
          return near.map((pixel) => pixel.slice(0, 3));
        }}"""
    )
    paper, share = 255, 0.4
    tints = [
        [round(paper + share * (int(colour[i : i + 2], 16) - paper)) for i in (1, 3, 5)]
        for colour in PALETTE[:2]
    ]
    # Of two moons the upper one is class 0, the lower class 1.
    assert np.abs(np.array(told) - np.array(tints)).max() <= 2


def test_a_place_is_asked_about_by_mouse_and_by_keys(done):
    done.click(PICTURE, position={"x": 150, "y": 100})
    verdict = done.inner_text("#playground-stage .verdict")
    assert re.match(r"[AB], \d+ %", verdict)
    assert done.locator("#playground-stage .unit .tag.value").count() == 2 + 16
    done.focus(PICTURE)
    spoken = text(done, "spoken")
    done.keyboard.press("ArrowRight")
    done.wait_for_function(
        "old => document.querySelector('[data-part=spoken]').textContent !== old", arg=spoken
    )
    done.keyboard.press("Escape")
    done.wait_for_selector("#playground-stage .verdict", state="detached")


def test_nothing_moves_when_a_run_begins_and_ends(done):
    assert done.evaluate("window.shifted") < 0.02


def test_the_picture_is_as_large_as_promised(done):
    for width, height, least in [(1440, 900, 560), (1920, 1080, 700), (1280, 720, 480)]:
        done.set_viewport_size({"width": width, "height": height})
        assert done.locator(PICTURE).bounding_box()["width"] >= least
        assert done.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_sees_no_sideways_scroll(done, screenshot):
    done.set_viewport_size({"width": 390, "height": 844})
    for theme in ("light", "dark"):
        done.evaluate("dark => document.body.classList.toggle('dark', dark)", theme == "dark")
        assert done.evaluate("document.documentElement.scrollWidth") <= 390, theme
        box = done.locator(STAGE).bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= 390, "cut off by what holds it"
        screenshot(done, f"playground-phone-{theme}")
    done.evaluate("document.body.classList.remove('dark')")


def test_script_weights_and_figures_leave_the_page(done, tmp_path):
    press(done, "script")
    done.wait_for_selector("#playground-stage pre:has-text('make_moons')", timeout=DEADLINE)
    for part, name in [
        ("weights", "playground.safetensors"),
        ("svg", "run.svg"),
        ("png", "run.png"),
    ]:
        with done.expect_download(timeout=DEADLINE) as download:
            press(done, part)
        path = tmp_path / name
        download.value.save_as(path)
        assert download.value.suggested_filename == name
        head = path.read_bytes()
        assert len(head) > 1000
        if name == "run.png":
            assert head.startswith(b"\x89PNG")
        if name == "run.svg":
            assert head.startswith(b"<svg")
            drawn = done.locator(f"{PICTURE} > canvas").evaluate_all(
                "(layers) => layers.map((layer) => layer.toDataURL())"
            )
            assert ", epoch 60<" in head.decode()
            key = re.findall(r'fill="([^"]+)"/><text[^>]*>([^<]+)</text>', head.decode())
            tints = [f"rgba({','.join(str(int(c[i : i + 2], 16)) for i in (1, 3, 5))},1)"
                     for c in PALETTE[:2]]  # fmt: skip
            assert [one for one in key if len(one[1]) == 1] == [*zip(tints, "AB", strict=True)]
            assert re.findall(r'<image[^>]* href="([^"]+)"', head.decode()) == drawn
        if name.endswith("safetensors"):
            size = int.from_bytes(head[:8], "little")
            assert "layers.0.weight" in json.loads(head[8 : 8 + size])


def test_two_kept_runs_lie_side_by_side_with_their_difference_marked(done, screenshot):
    done.evaluate("delete window.shifted")  # what was done is left behind
    press(done, "keep")
    setting(done, "network.activation").select_option('"tanh"')
    at(done, "stale")
    press(done, "again")
    at(done, "training")
    done.wait_for_function(f"document.querySelector('{STAGE}').dataset.reached > 3")
    at(press(done, "play"), "paused")
    press(done, "keep")
    unfold(done, "compare")
    done.wait_for_selector("#playground-compare .stage >> nth=1", timeout=DEADLINE)
    assert "Activation" in done.locator("#playground-compare .differs th").all_inner_texts()
    screenshot(done, "playground-compare")


def test_a_step_is_one_epoch_of_the_run_that_is_there(usual):
    for epoch in (1, 2, 3):
        at(press(usual, "step"), "paused", reached=epoch)
    assert accuracy(usual) > 0


def test_play_goes_on_where_it_was_paused_and_reset_begins_anew(usual):
    before = usual.evaluate(f"document.querySelector('{PICTURE} canvas').toDataURL()")
    at(press(usual, "play"), "training")
    usual.wait_for_function(f"document.querySelector('{STAGE}').dataset.reached > 3")
    at(press(usual, "play"), "paused")
    usual.wait_for_function("location.search.includes('training.epochs')")
    reached = int(data(usual, "reached"))
    press(usual, "play")
    usual.wait_for_function(
        f"reached => document.querySelector('{STAGE}').dataset.reached > reached", arg=reached
    )
    at(press(usual, "reset"), "ready", reached=0)
    same = f"(before) => document.querySelector('{PICTURE} canvas').toDataURL() === before"
    usual.wait_for_function(same, arg=before)


def test_changed_settings_dim_the_picture_and_one_button_starts_over(usual):
    at(press(usual, "step"), "paused", reached=1)
    press(usual, "fewer-layers")
    at(usual, "stale")
    assert "8-8 → 8" in text(usual, "differs")
    press(usual, "more-layers")  # back to what is shown
    at(usual, "paused", reached=1)
    press(usual, "fewer-layers")
    at(usual, "stale")
    press(usual, "again")
    at(usual, "training")
    press(usual, "play")
    at(usual, "paused")
    assert usual.locator("#playground-stage .colhead .stepper").count() == 1
    press(usual, "more-layers")  # as usual again
    at(usual, "stale")
    usual.wait_for_function("!location.search.includes('widths')")


PRESSED_AT_ONCE = """([first, then]) => {
  for (const one of [first, then]) document.querySelector(`#playground-stage ${one}`).click();
}"""


def test_what_is_wrong_with_a_setting_stands_at_its_field(usual):
    usual.click("#playground-stage [data-part=more-fold] summary")
    members = setting(usual, "training.members")
    members.fill("400")
    members.press("Enter")
    problem = usual.locator("#playground-stage [data-path='training.members'] .wrong-value")
    problem.wait_for()
    assert "training.members" not in problem.inner_text()
    assert members.get_attribute("aria-invalid") == "true"
    members.fill("2")
    members.press("Enter")
    problem.wait_for(state="hidden")
    members.fill("1")
    members.press("Enter")
    usual.wait_for_function("!location.search.includes('members')")


def test_a_rate_changed_in_mid_run_is_marked_and_in_the_link_and_a_reload_restores_it(
    usual, app_url
):
    usual.click("#playground-stage [data-set=spirals]")
    usual.wait_for_function("location.search.includes('spirals')")
    for epoch in (1, 2):
        at(press(usual, "step"), "paused", reached=epoch)
    setting(usual, "training.learning_rate").select_option("0.3")
    at(press(usual, "step"), "paused", reached=3)
    usual.wait_for_selector("#playground-stage .plot .named:text('rate 0.3')")
    usual.wait_for_function("location.search.includes('training.changes')")
    usual.wait_for_function("location.search.includes('training.epochs=3')")
    reached, link = accuracy(usual), usual.url
    usual.reload()
    at(usual, "paused", reached=3)
    assert accuracy(usual) == reached
    assert usual.get_attribute("#playground-stage [data-set=spirals]", "aria-pressed") == "true"
    other = trained(opened(forgotten(usual, app_url), link))
    assert data(other, "reached") == "3"
    assert accuracy(other) == reached


def test_own_points_are_drawn_moved_taken_back_and_kept(fresh, app_url, screenshot):
    opened(fresh, app_url)
    fresh.click("#playground-stage [data-set=points]")
    count = fresh.locator("#playground-stage .own-count")
    fresh.locator("#playground-stage [data-tool=pen-C]").click()
    name = fresh.get_by_label("What class C is called")
    name.fill("cats")
    name.press("Enter")
    for tool, told in (("back", ""), ("forth", "cats"), ("back", "")):
        fresh.click(f"#playground-stage [data-tool={tool}]")
        assert name.input_value() == told
    assert count.inner_text().startswith("12 of")
    fresh.click(PICTURE, position={"x": 300, "y": 60})
    assert count.inner_text().startswith("13 of")
    fresh.mouse.move(*_at(fresh, 100, 400))
    fresh.mouse.down()
    fresh.mouse.move(*_at(fresh, 260, 400), steps=12)
    fresh.mouse.up()
    brushed = int(count.inner_text().split()[0])
    assert brushed > 15
    fresh.click("#playground-stage [data-tool=back]")
    assert count.inner_text().startswith("13 of")
    fresh.click("#playground-stage [data-tool=forth]")
    assert count.inner_text().startswith(f"{brushed} of")
    fresh.click("#playground-stage [data-tool=wipe]")
    fresh.click(PICTURE, position={"x": 300, "y": 60})
    assert count.inner_text().startswith(f"{brushed - 1} of")
    fresh.wait_for_function("location.search.includes('dataset.points')")
    screenshot(fresh, "playground-own")
    fresh.click("#playground-stage [data-set=moons]")
    at(fresh, "ready")
    fresh.click("#playground-stage [data-set=points]")
    assert count.inner_text().startswith(f"{brushed - 1} of")
    at(press(fresh, "step"), "paused", reached=1)
    # What is pressed right after a point was drawn trains on it.
    fresh.locator("#playground-stage [data-tool=pen-C]").click()
    fresh.click(PICTURE, position={"x": 300, "y": 60})
    fresh.evaluate(PRESSED_AT_ONCE, ["[data-part=step]", "[data-part=step]"])
    at(fresh, "paused", reached=2)
    assert count.inner_text().startswith(f"{brushed} of")
    assert not fresh.locator("#playground-stage[data-stale]").count()


@pytest.mark.parametrize(
    ("part", "phase"),
    [("step", {"phase": "paused", "reached": 1}), ("play", {"phase": "training"})],
)
def test_a_press_right_after_a_choice_is_of_what_was_chosen(usual, part, phase):
    usual.evaluate(PRESSED_AT_ONCE, ["[data-set=spirals]", f"[data-part={part}]"])
    at(usual, **phase)
    assert "spirals" in usual.url
    usual.click("#playground-stage [data-set=blobs]")  # as usual again
    usual.wait_for_function("!location.search.includes('spirals')")


def _at(page, x: float, y: float) -> tuple[float, float]:
    box = page.locator(PICTURE).bounding_box()
    return box["x"] + x, box["y"] + y
